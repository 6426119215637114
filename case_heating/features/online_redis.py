"""The online store in Redis: one value per home, read alone or by hundreds in one round trip.

A script on the server compares and writes in one step, so that two materialisations never leave an older row.
"""

import struct
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from case_heating.errors import StoreError

_PREFIX = "heating:home:"
_HELD = "heating:held"
_TIMES = struct.Struct(">4q")
_TOGETHER = 500  # homes written in one step; other clients wait while it runs, about a millisecond

_PUT = """
local kept = 0
for i, key in ipairs(KEYS) do
    local newer = true
    if ARGV[1] == '0' then
        local held = redis.call('GETRANGE', key, 0, 23)
        if #held == 24 then
            local e, k, v = struct.unpack('>i8i8i8', held)
            local ne, nk, nv = struct.unpack('>i8i8i8', ARGV[i + 1])
            newer = ne > e or (ne == e and (nk > k or (nk == k and nv > v)))
        end
    end
    if newer then
        redis.call('SET', key, ARGV[i + 1])
        kept = kept + 1
    end
end
return kept
"""


class RedisRows:
    """Rows in a Redis named by a URL."""

    def __init__(self, url: str, *, timeout_s: float) -> None:
        import redis

        self._errors: tuple[type[Exception], ...] = (redis.RedisError, OSError)
        try:
            self._client: Any = redis.Redis.from_url(
                url, socket_timeout=timeout_s, socket_connect_timeout=timeout_s, decode_responses=False
            )
            address = urlsplit(url)
            self._place = f"{address.scheme}://{address.hostname or ''}:{address.port or 6379}{address.path}"
        except ValueError as error:
            raise StoreError(
                "the URL of the Redis cannot be read; write redis://:PASSWORD@HOST:PORT/DATABASE"
            ) from error
        self._put = self._client.register_script(_PUT)
        with self._plain_words():
            self._client.ping()

    def get(self, home_id: str) -> Any:
        """One home's row."""
        with self._plain_words():
            return _row(self._client.get(_PREFIX + home_id))

    def get_many(self, home_ids: Sequence[str]) -> list[Any]:
        """Several homes' rows in one round trip."""
        if not home_ids:
            return []
        with self._plain_words():
            return [_row(value) for value in self._client.mget([_PREFIX + home_id for home_id in home_ids])]

    def held(self) -> str:
        """Up to which write of the offline store this one was brought."""
        with self._plain_words():
            value = self._client.get(_HELD)
        return value.decode() if value else ""

    def put(self, batches: Iterable[list[Any]], *, written: int, held: str, afresh: bool) -> tuple[int, int]:
        """Keep rows unless a newer one is held, some hundred at a time; ``held`` is noted when all are kept.

        Brought afresh, rows are replaced one by one, so that readers always find each home.
        """
        kept = asked = 0
        present: set[bytes] = set()
        with self._plain_words():
            for batch in batches:
                for start in range(0, len(batch), _TOGETHER):
                    some = batch[start : start + _TOGETHER]
                    keys = [_PREFIX + row[0] for row in some]
                    values = [_TIMES.pack(*row[1:4], written) + row[4] for row in some]
                    kept += int(self._put(keys=keys, args=[int(afresh), *values]))
                    asked += len(some)
                    if afresh:
                        present.update(key.encode() for key in keys)
            if afresh:
                gone = [key for key in self._client.scan_iter(match=_PREFIX + "*", count=1000) if key not in present]
                for start in range(0, len(gone), _TOGETHER):
                    self._client.unlink(*gone[start : start + _TOGETHER])
            self._client.set(_HELD, held)
        return kept, asked - kept

    def count(self) -> int:
        """How many homes are held; looks at every key."""
        with self._plain_words():
            return sum(1 for _ in self._client.scan_iter(match=_PREFIX + "*", count=1000))

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    @contextmanager
    def _plain_words(self) -> Iterator[None]:
        try:
            yield
        except self._errors as error:
            why = str(error).rstrip(".")
            raise StoreError(
                f"the Redis at {self._place} cannot be used: {why}. Check that it runs and that address and password "
                "are right; without a Redis features are served from the workspace"
            ) from error


def _row(value: bytes | None) -> Any:
    return None if value is None else (*_TIMES.unpack_from(value), value[_TIMES.size :])
