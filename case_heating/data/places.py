"""States, census divisions and survey domains: what belongs to what."""

from case_heating.schema import STATES

# Numbers that the Census never gave to a state; the others run through the states in the order of their names.
_FIPS_NOT_GIVEN = (3, 7, 14, 43, 52)
STATE_OF_FIPS: dict[str, str] = {
    f"{number:02d}": state
    for number, state in zip((n for n in range(1, 57) if n not in _FIPS_NOT_GIVEN), STATES, strict=True)
}

STATES_OF_DIVISION: dict[str, str] = {
    "new_england": "CT ME MA NH RI VT",
    "middle_atlantic": "NJ NY PA",
    "east_north_central": "IL IN MI OH WI",
    "west_north_central": "IA KS MN MO NE ND SD",
    "south_atlantic": "DE DC FL GA MD NC SC VA WV",
    "east_south_central": "AL KY MS TN",
    "west_south_central": "AR LA OK TX",
    "mountain_north": "CO ID MT UT WY",
    "mountain_south": "AZ NM NV",
    "pacific": "AK CA HI OR WA",
}
DIVISION_OF_STATE: dict[str, str] = {
    state: division for division, states in STATES_OF_DIVISION.items() for state in states.split()
}

# The 27 reportable domains of RECS 2009: states, or groups of them.
STATES_OF_DOMAIN = {
    f"domain_{number:02d}": states
    for number, states in enumerate(
        "CT ME NH RI VT,MA,NY,NJ,PA,IL,IN OH,MI,WI,IA MN ND SD,KS NE,MO,VA,DE DC MD WV,GA,NC SC,FL,AL KY MS,TN,"
        "AR LA OK,TX,CO,ID MT UT WY,AZ,NV NM,CA,AK HI OR WA".split(","),
        start=1,
    )
}
