from crucible_core.contract.report_parts import Table
from crucible_core.stages.report.grids import flattened, metric_grids, part_grid, preview_grid


def test_single_values_stand_together_under_dotted_names():
    (grid,) = metric_grids({"friedman": {"statistic": 9.28, "p_value": 0.026}, "alpha": 0.05})
    assert grid.rows == (("friedman.statistic", 9.28), ("friedman.p_value", 0.026), ("alpha", 0.05))


def test_like_mappings_become_one_table():
    (grid,) = metric_grids({"groups": {"a": {"mean": 1.0, "n": 3}, "b": {"mean": 2.0, "n": 4}}})
    assert (grid.title, grid.columns) == ("groups", ("", "mean", "n"))
    assert grid.rows == (("a", 1.0, 3), ("b", 2.0, 4))


def test_a_list_of_mappings_becomes_a_table_with_all_their_fields():
    (grid,) = metric_grids({"runs": [{"a": 1}, {"b": 2}]})
    assert grid.columns == ("a", "b")
    assert grid.rows == ((1, None), (None, 2))


def test_a_list_of_lists_becomes_a_table():
    (grid,) = metric_grids({"confusion": [[5, 1], [2, 7]]})
    assert grid.rows == ((5, 1), (2, 7))


def test_a_short_list_stays_in_one_cell_and_a_long_one_becomes_a_table():
    single, table = metric_grids({"interval": [0.1, 0.2], "losses": list(range(1000))})
    assert single.rows == (("interval", [0.1, 0.2]),)
    assert table.note == "Shown: the first 200 of 1,000 rows."


def test_a_metric_that_is_one_number_is_shown():
    (grid,) = metric_grids(0.9)
    assert grid.rows == (("value", 0.9),)


def test_empty_metrics_are_shown_as_they_are():
    assert metric_grids({"warnings": []})[0].rows == (("warnings", []),)


def test_the_preview_says_how_many_rows_there_are():
    grid = preview_grid([{"id": index} for index in range(100)], 3)
    assert len(grid.rows) == 3
    assert grid.note == "Shown: the first 3 of 100 rows."


def test_the_preview_limits_the_columns():
    grid = preview_grid([{f"field_{index}": index for index in range(500)}], 20)
    assert grid.note == "Shown: 24 of 500 columns."


def test_a_value_that_is_no_json_is_shown_by_its_repr():
    class Model:
        def __repr__(self):
            return "Model(3)"

    assert preview_grid([{"model": Model()}], 1).rows == (("Model(3)",),)


def test_a_long_table_of_a_stage_says_what_is_left_out():
    grid = part_grid(Table(("n",), [(index,) for index in range(5000)], "Squares"))
    assert (grid.title, grid.note) == ("Squares", "Shown: the first 200 of 5,000 rows.")


def test_metrics_flatten_to_paths():
    assert list(flattened({"a": {"b": [1, {"c": 2}]}})) == [("a.b[0]", 1), ("a.b[1].c", 2)]
