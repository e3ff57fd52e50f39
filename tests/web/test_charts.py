"""Charts: what is drawn where."""

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from web.charts import HEIGHT, WIDTH, Bucket, Period, draw, scale_top
from web.maps import Caption

START = datetime(2026, 3, 18, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
CAPTION = Caption("chart", "t", "d")


def buckets(*counts: int, high: float | None = None) -> list[Bucket]:
    """Quarter-hours with these counts."""
    return [
        Bucket(START + n * QUARTER, count, low=0.0 if high else None, high=high)
        for n, count in enumerate(counts)
    ]


def shapes(svg: str, name: str) -> list[dict[str, str]]:
    """The attributes of the shapes of one class."""
    root = ET.fromstring(svg)  # noqa: S314 - our own words
    return [element.attrib for element in root.iter() if element.get("class") == name]


def test_empty_day_has_a_scale_and_no_peak() -> None:
    chart = draw(buckets(0, 0, 0, 0), [], CAPTION)
    assert chart.peak is None
    assert chart.levels == (4, 2, 0)
    assert shapes(chart.svg, "chart-reports") == [{"class": "chart-reports", "d": ""}]


def test_highest_bar_reaches_its_number() -> None:
    chart = draw(buckets(0, 10, 5, 0), [], CAPTION)
    assert chart.levels == (10, 5, 0)
    assert chart.peak == Bucket(START + QUARTER, 10)
    path = shapes(chart.svg, "chart-reports")[0]["d"]
    assert path.count("z") == 2
    assert "V0H" in path
    assert f"V{HEIGHT // 2}H" in path


def test_times_are_spread_over_all_buckets() -> None:
    times = draw(buckets(*range(8)), [], CAPTION).times
    assert times == tuple(START + n * 2 * QUARTER for n in range(5))


def test_band_is_drawn_where_it_is_known() -> None:
    known = buckets(1, 1, 1, 1, high=2.0)
    gap = [*known[:1], Bucket(START + QUARTER, 1), *known[2:]]
    assert len(shapes(draw(known, [], CAPTION).svg, "chart-usual")) == 1
    assert len(shapes(draw(gap, [], CAPTION).svg, "chart-usual")) == 2
    assert not shapes(draw(buckets(1, 1), [], CAPTION).svg, "chart-usual")


def test_outage_is_cut_at_the_edges() -> None:
    hour = buckets(1, 1, 1, 1)
    periods = [
        Period(START - QUARTER, START + QUARTER),
        Period(START + 3 * QUARTER, None),
        Period(START - 2 * QUARTER, START - QUARTER),
    ]
    found = shapes(draw(hour, periods, CAPTION).svg, "chart-outage")
    assert [(one["x"], one["width"]) for one in found] == [
        ("0", str(WIDTH // 4)),
        (str(WIDTH * 3 // 4), str(WIDTH // 4)),
    ]


def test_instants_are_marked_on_the_axis_where_the_chart_holds_them() -> None:
    late, early = START + 3 * QUARTER, START + QUARTER
    outside = [START - QUARTER, START + 5 * QUARTER]
    chart = draw(buckets(1, 1, 1, 1), [], CAPTION, marks=[late, early, *outside])
    assert chart.marks == (early, late)
    lines = [one["d"] for one in shapes(chart.svg, "chart-mark")]
    assert lines == [f"M{WIDTH // 4} 0V{HEIGHT}", f"M{WIDTH * 3 // 4} 0V{HEIGHT}"]
    assert len(shapes(chart.svg, "chart-dot")) == 2


def test_words_in_a_chart_are_escaped() -> None:
    svg = draw(buckets(1), [], Caption("chart", "<b>", "a & b")).svg
    assert ET.fromstring(svg)[0].text == "<b>"  # noqa: S314 - our own words


@given(st.floats(min_value=0, max_value=1e9))
def test_scale_holds_the_highest_and_wastes_less_than_half(highest: float) -> None:
    top = scale_top(highest)
    assert top >= highest
    assert top % 2 == 0
    assert top == 4 or top <= 2 * highest
