"""What may stand in a ``mapping.toml``: which column of which file holds what, in which unit and with which codes."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from case_heating.data.units import THERMS_PER_CCF, Quantity

QUANTITY_OF: dict[str, Quantity] = {
    "usage": "usage",
    "cost_usd": "money",
    "fixed_charge_usd": "money_per_month",
    "unit_price_usd": "price",
    "floor_area_sqft": "area",
    "base_f": "temperature",
    "mean_temp_f": "temperature",
    "hdd": "degree_days",
    "cdd": "degree_days",
    "hdd_normal": "degree_days",
    "cdd_normal": "degree_days",
}
"""What the canonical columns with a unit measure; a file's column mapped to one must state its unit."""

PERIOD_LENGTHS = ("days", "months")
"""Stand in for the ``start`` or ``end`` a file does not have."""

KNOWN_AFTER_DAYS = 5  # a bill goes out within days of its read; a utility that bills more slowly says so

Value = str | bool | int | float | date


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FileEntry(_Entry):
    """One ``[[file]]``: where a file is and how it is opened."""

    path: Path
    name: str = ""
    encoding: str = "utf-8"
    delimiter: str | None = None
    sheet: str | None = None

    @property
    def title(self) -> str:
        """What a ``[[table]]`` calls the file."""
        return self.name or str(self.path)


class Condition(_Entry):
    """Rows are kept whose cell is one of ``in``, or none of ``not_in``; the empty text is a missing cell."""

    column: str
    kept: tuple[Value, ...] | None = Field(default=None, alias="in")
    dropped: tuple[Value, ...] | None = Field(default=None, alias="not_in")

    @model_validator(mode="after")
    def _one_list(self) -> "Condition":
        if (self.kept is None) == (self.dropped is None):
            raise ValueError('write {column = "…", in = ["…"]} or {column = "…", not_in = ["…"]}')
        return self


class ColumnEntry(_Entry):
    """Where a canonical column comes from: a file's ``column`` or a constant ``value``, and what its cells mean."""

    column: str | None = None
    value: Value | None = None
    unit: str | dict[str, str] | None = None
    format: str | None = None
    inclusive: bool = False
    codes: dict[str, Value] = {}
    bands: tuple[Value, ...] = ()
    missing: tuple[Value, ...] = ()
    strip: str = ""
    decimal: str = "."

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, written: Any) -> Any:
        return {"column": written} if isinstance(written, str) else written

    @model_validator(mode="after")
    def _one_origin(self) -> "ColumnEntry":
        if (self.column is None) == (self.value is None):
            raise ValueError('write "ITS COLUMN", {column = "ITS COLUMN", …} or {value = …}')
        return self

    @field_validator("bands")
    @classmethod
    def _ladder(cls, bands: tuple[Value, ...]) -> tuple[Value, ...]:
        limits = [limit for limit in bands[1::2] if isinstance(limit, int | float)]
        if bands and (len(bands) % 2 == 0 or len(limits) != len(bands) // 2 or limits != sorted(limits)):
            raise ValueError('write name, limit, name, limit, …, name, from low to high: ["small", 10, "large"]')
        return bands


class TableEntry(_Entry):
    """One ``[[table]]``: rows of one file that become rows, or further columns, of a canonical table."""

    name: str
    file: str = ""
    columns: dict[str, ColumnEntry]
    where: tuple[Condition, ...] = ()
    missing: tuple[Value, ...] = ()
    known_after_days: int | None = None
    adds: Literal["rows", "columns"] = "rows"
    distinct: bool = False

    @field_validator("where", mode="before")
    @classmethod
    def _one_or_many(cls, written: Any) -> Any:
        return [written] if isinstance(written, dict) else written

    @property
    def source_columns(self) -> Iterator[tuple[str, str]]:
        """Pairs of what is asked for and the file's column it is asked of."""
        yield from ((target, entry.column) for target, entry in self.columns.items() if entry.column is not None)
        yield from (("where", condition.column) for condition in self.where)


class SourceEntry(_Entry):
    """The ``[source]`` block: what holds for all files."""

    name: str
    confirmed: bool = True
    known_after_days: int = KNOWN_AFTER_DAYS
    missing: tuple[Value, ...] = ()
    therms_per_ccf: float = Field(default=THERMS_PER_CCF, gt=0)


class Mapping(_Entry):
    """A whole ``mapping.toml``."""

    source: SourceEntry
    files: tuple[FileEntry, ...] = Field(alias="file", min_length=1)
    tables: tuple[TableEntry, ...] = Field(alias="table", min_length=1)

    def file_of(self, table: TableEntry) -> FileEntry | None:
        """Find the file a table is read from; with one file a table need not name it."""
        if not table.file and len(self.files) == 1:
            return self.files[0]
        return next((file for file in self.files if file.title == table.file), None)
