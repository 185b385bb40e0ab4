"""Where hosts and links are drawn."""

from __future__ import annotations

from ansible_collections.evpn.fabric.plugins.plugin_utils._page.drawing import (
    HEIGHT,
    IN_A_ROW,
    MANY_LINKS,
    WIDTH,
    Drawing,
    Edge,
    Node,
    drawing,
)


def drawn(*sizes: int) -> Drawing:
    """Layers of so many nodes, each linked to all of the next layer."""
    layers = [[Node(f"host{layer}-{number}", "VTEP", "good", "") for number in range(size)] for layer, size in enumerate(sizes)]
    edges = [
        Edge((one.name, other.name), "good", "") for upper, lower in zip(layers, layers[1:]) for one in upper for other in lower
    ]
    return drawing(layers, edges)


def test_no_two_hosts_overlap_and_all_are_inside_the_drawing() -> None:
    made = drawn(2, 4, 3 * IN_A_ROW + 1)
    assert len(made.boxes) == 2 + 4 + 3 * IN_A_ROW + 1
    for number, box in enumerate(made.boxes):
        assert box.x > 0 and box.x + WIDTH < made.width
        assert box.y > 0 and box.y + HEIGHT < made.height
        for other in made.boxes[:number]:
            assert abs(box.x - other.x) >= WIDTH or abs(box.y - other.y) >= HEIGHT


def test_a_link_goes_from_the_lower_side_of_one_host_to_the_upper_side_of_the_other_whatever_their_order() -> None:
    above, below = Node("above", "spine", "good", ""), Node("below", "VTEP", "good", "")
    lines = drawing([[above], [below]], [Edge(("above", "below"), "good", ""), Edge(("below", "above"), "good", "")]).lines
    assert lines[0][1:] == lines[1][1:]
    assert lines[0].y1 < lines[0].y2


def test_a_link_between_hosts_of_one_row_is_drawn_below_both() -> None:
    one, other = Node("one", "spine", "good", ""), Node("other", "spine", "good", "")
    (line,) = drawing([[one, other]], [Edge(("one", "other"), "good", "")]).lines
    assert line.y1 == line.y2 and line.x1 != line.x2


def test_a_fabric_with_many_links_says_so() -> None:
    assert drawn(2, MANY_LINKS // 2).many is False
    assert drawn(2, MANY_LINKS // 2 + 1).many is True


def test_a_name_that_does_not_fit_is_cut_and_kept_whole_besides() -> None:
    (box,) = drawing([[Node("a-very-long-name-of-a-host", "VTEP", "good", "")]], []).boxes
    assert box.label == "a-very-long-na…" and box.node.name == "a-very-long-name-of-a-host"


def test_a_fabric_without_hosts_can_be_drawn() -> None:
    assert drawing([[], []], []).boxes == []
