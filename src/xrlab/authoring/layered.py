"""Where to draw the boxes and arrows of a small graph: in layers from top to bottom, labels in layers of their own.

After K. Sugiyama, S. Tagawa, M. Toda, "Methods for visual understanding of hierarchical system structures", IEEE
Transactions on Systems, Man, and Cybernetics 11(2), 1981: turn edges that close a circle, put nodes in layers, order
each layer so that few edges cross, then straighten. A label takes a place in a layer as a node does, so it lies over
nothing. Made for graphs of some tens of nodes; the time grows with the square of their number.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field

Size = tuple[float, float]
Point = tuple[float, float]

ACROSS, BETWEEN = 26.0, 22.0
"""Free space between neighbours in a layer, and between two layers."""

_LOOP = 26.0
_MANY = 1500
"""Above so many cells the picture is beyond reading, and is not tried to be made better."""

_SWEEPS, _PASSES = 12, 31  # an odd number: the last pass goes down
_MARGIN = 10.0


@dataclass(frozen=True)
class Arrow:
    """An edge to be drawn from `source` to `target`; label: how large its text is, (0, 0) for none."""

    source: str
    target: str
    label: Size = (0.0, 0.0)


@dataclass
class Drawing:
    """Where everything lies. nodes: middle of each. routes, labels: corners and middle of the text of each arrow."""

    width: float
    height: float
    nodes: dict[str, Point] = field(default_factory=dict)
    routes: list[list[Point]] = field(default_factory=list)
    labels: list[Point] = field(default_factory=list)


def layout(sizes: Mapping[str, Size], arrows: Sequence[Arrow], widest: float = 1100.0) -> Drawing:
    """Places all nodes and arrows; pieces that hang together stay so, in rows of at most `widest` where they fit."""
    out = Drawing(0.0, 0.0, routes=[[] for _ in arrows], labels=[(0.0, 0.0)] * len(arrows))
    x = y = row = 0.0
    for nodes, numbers in _pieces(sizes, arrows):
        piece = _Piece({n: sizes[n] for n in nodes}, [arrows[i] for i in numbers]).drawn()
        if x and x + piece.width > widest:
            x, y, row = 0.0, y + row + BETWEEN, 0.0
        for name, (px, py) in piece.nodes.items():
            out.nodes[name] = (px + x, py + y)
        for number, route, (lx, ly) in zip(numbers, piece.routes, piece.labels, strict=True):
            out.routes[number] = [(px + x, py + y) for px, py in route]
            out.labels[number] = (lx + x, ly + y)
        x += piece.width + ACROSS
        row = max(row, piece.height)
        out.width, out.height = max(out.width, x - ACROSS), max(out.height, y + row)
    return out


def _pieces(sizes: Mapping[str, Size], arrows: Sequence[Arrow]) -> list[tuple[list[str], list[int]]]:
    """Nodes that hang together, with the numbers of their arrows, in the order of the nodes."""
    home = {n: n for n in sizes}

    def root(n: str) -> str:
        while home[n] != n:
            n = home[n]
        return n

    for arrow in arrows:
        home[root(arrow.target)] = root(arrow.source)
    found: dict[str, tuple[list[str], list[int]]] = {}
    for n in sizes:
        found.setdefault(root(n), ([], []))[0].append(n)
    for i, arrow in enumerate(arrows):
        found[root(arrow.source)][1].append(i)
    return list(found.values())


class _Piece:
    """One piece of the graph. Cells are its nodes, by name, and the places of arrows in layers, by (number, layer)."""

    def __init__(self, sizes: dict[str, Size], arrows: list[Arrow]) -> None:
        self._arrows = arrows
        loops: dict[str, Size] = {}
        for arrow in arrows:
            if arrow.source == arrow.target:
                wide, high = loops.get(arrow.source, (0.0, 0.0))
                loops[arrow.source] = (max(wide, arrow.label[0]), high + arrow.label[1] + 8)
        self._own = sizes
        self._loops = loops
        self._size: dict[Hashable, Size] = {
            n: (w + (_LOOP + loops[n][0] if n in loops else 0), max(h, loops.get(n, (0, 0))[1]))
            for n, (w, h) in sizes.items()
        }
        self._turned = self._circles(list(sizes))
        self._rank = self._ranks(list(sizes))
        self._chains: list[list[Hashable]] = []
        self._layers = self._filled(list(sizes))
        self._order()
        self._x = self._straightened()
        self._y = self._heights()

    def _ends(self, i: int) -> tuple[str, str]:
        """Upper and lower end of an arrow."""
        a = self._arrows[i]
        return (a.target, a.source) if i in self._turned else (a.source, a.target)

    def _straight(self) -> list[int]:
        return [i for i, a in enumerate(self._arrows) if a.source != a.target]

    def _circles(self, nodes: list[str]) -> set[int]:
        """Arrows that lead back to where one comes from."""
        out: dict[str, list[int]] = defaultdict(list)
        for i in self._straight():
            out[self._arrows[i].source].append(i)
        turned: set[int] = set()
        done: set[str] = set()
        entered = {self._arrows[i].target for i in self._straight()}
        for start in sorted(nodes, key=lambda n: n in entered):
            way: list[tuple[str, int]] = [(start, 0)] if start not in done else []
            on_way = {start}
            while way:
                node, at = way[-1]
                if at == len(out[node]):
                    way.pop()
                    on_way.discard(node)
                    done.add(node)
                    continue
                way[-1] = (node, at + 1)
                arrow = out[node][at]
                target = self._arrows[arrow].target
                if target in on_way:
                    turned.add(arrow)
                elif target not in done:
                    way.append((target, 0))
                    on_way.add(target)
        return turned

    def _ranks(self, nodes: list[str]) -> dict[str, int]:
        """Layer of each node: two below the lowest that leads to it, for the label between."""
        above: dict[str, list[str]] = {n: [] for n in nodes}
        below: dict[str, list[str]] = {n: [] for n in nodes}
        for i in self._straight():
            upper, lower = self._ends(i)
            above[lower].append(upper)
            below[upper].append(lower)
        rank: dict[str, int] = {}
        waiting = {n: len(above[n]) for n in nodes}
        ready = [n for n in nodes if not waiting[n]]
        order: list[str] = []
        while ready:
            n = ready.pop(0)
            order.append(n)
            rank[n] = max((rank[u] + 2 for u in above[n]), default=0)
            for lower in below[n]:
                waiting[lower] -= 1
                if not waiting[lower]:
                    ready.append(lower)
        for n in reversed(order):  # a source stands right above what it leads to
            if below[n] and not above[n]:
                rank[n] = min(rank[m] for m in below[n]) - 2
        return rank

    def _filled(self, nodes: list[str]) -> list[list[Hashable]]:
        layers: list[list[Hashable]] = [[] for _ in range(max(self._rank.values(), default=0) + 1)]
        for n in nodes:
            layers[self._rank[n]].append(n)
        for i in range(len(self._arrows)):
            upper, lower = self._ends(i)
            chain: list[Hashable] = [upper]
            first, last = self._rank[upper], self._rank[lower]
            middle = first + ((last - first) // 4) * 2 + 1
            for rank in range(first + 1, last):
                cell = (i, rank)
                self._size[cell] = self._arrows[i].label if rank == middle else (6.0, 0.0)
                layers[rank].append(cell)
                chain.append(cell)
            self._chains.append([*chain, lower] if upper != lower else [])
        return layers

    def _neighbours(self) -> tuple[dict[Hashable, list[Hashable]], dict[Hashable, list[Hashable]]]:
        up: dict[Hashable, list[Hashable]] = defaultdict(list)
        down: dict[Hashable, list[Hashable]] = defaultdict(list)
        for chain in self._chains:
            for a, b in itertools.pairwise(chain):
                up[b].append(a)
                down[a].append(b)
        return up, down

    def _order(self) -> None:
        """Sorts each layer by where its neighbours stand, back and forth, and keeps the order with fewest crossings."""
        up, down = self._neighbours()
        best, fewest = [list(layer) for layer in self._layers], self._crossings(down)
        for sweep in range(_SWEEPS if sum(map(len, self._layers)) < _MANY else 2):
            to_neighbours = up if sweep % 2 == 0 else down
            layers = self._layers if sweep % 2 == 0 else self._layers[::-1]
            for before, layer in itertools.pairwise(layers):
                at = {cell: i for i, cell in enumerate(before)}
                own = {cell: i for i, cell in enumerate(layer)}

                def middle(
                    cell: Hashable, at: dict[Hashable, int] = at, own: dict[Hashable, int] = own,
                    to: dict[Hashable, list[Hashable]] = to_neighbours,
                ) -> float:  # fmt: skip
                    places = [at[n] for n in to[cell]]
                    return sum(places) / len(places) if places else float(own[cell])

                layer.sort(key=middle)
            crossings = self._crossings(down)
            if crossings < fewest:
                best, fewest = [list(layer) for layer in self._layers], crossings
        self._layers = best

    def _crossings(self, down: dict[Hashable, list[Hashable]]) -> int:
        count = 0
        for layer, below in zip(self._layers, self._layers[1:], strict=False):
            at = {cell: i for i, cell in enumerate(below)}
            ends = [at[b] for a in layer for b in sorted(down[a], key=lambda b, at=at: at[b])]  # type: ignore[misc]
            count += sum(ends[i] > ends[j] for i in range(len(ends)) for j in range(i + 1, len(ends)))
        return count

    def _straightened(self) -> dict[Hashable, float]:
        """Places across: each as near to the middle of its neighbours as those beside it allow."""
        up, down = self._neighbours()
        x: dict[Hashable, float] = {}
        for layer in self._layers:
            left = 0.0
            for cell in layer:
                x[cell] = left + self._size[cell][0] / 2
                left += self._size[cell][0] + ACROSS
        for turn in range(_PASSES):
            layers = self._layers if turn % 2 == 0 else self._layers[::-1]
            for layer in layers:
                both = turn >= _PASSES - 6
                wanted = []
                for cell in layer:
                    near = up[cell] + down[cell] if both else (up if turn % 2 == 0 else down)[cell]
                    places = [x[n] for n in near]
                    weight = 4.0 if not isinstance(cell, str) else 1.0
                    wanted.append((sum(places) / len(places) if places else x[cell], weight if places else 0.05))
                x.update(zip(layer, self._apart(layer, wanted), strict=True))
        least = min(x[c] - self._size[c][0] / 2 for c in x)
        return {c: v - least + _MARGIN for c, v in x.items()}

    def _apart(self, layer: list[Hashable], wanted: list[tuple[float, float]]) -> list[float]:
        """The places nearest to the wanted ones that keep their order and distance (pooling neighbours that meet)."""
        shift, shifts = 0.0, []
        for i, cell in enumerate(layer):
            if i:
                shift += (self._size[layer[i - 1]][0] + self._size[cell][0]) / 2 + ACROSS
            shifts.append(shift)
        blocks: list[tuple[float, float, int]] = []  # sum of weighted places, weight, how many
        for (place, weight), s in zip(wanted, shifts, strict=True):
            total, mass, count = (place - s) * weight, weight, 1
            while blocks and blocks[-1][0] / blocks[-1][1] > total / mass:
                t, m, c = blocks.pop()
                total, mass, count = total + t, mass + m, count + c
            blocks.append((total, mass, count))
        places = [t / m for t, m, c in blocks for _ in range(c)]
        return [p + s for p, s in zip(places, shifts, strict=True)]

    def _heights(self) -> list[tuple[float, float]]:
        """Middle and height of each layer."""
        out, top = [], _MARGIN
        for layer in self._layers:
            high = max((self._size[c][1] for c in layer), default=0.0)
            out.append((top + high / 2, high))
            top += high + BETWEEN
        return out

    def drawn(self) -> Drawing:
        """The piece with its upper left corner at the origin."""
        wide = max(self._x[c] + self._size[c][0] / 2 for c in self._x) + _MARGIN
        last = self._y[-1]
        nodes = {
            n: (self._x[n] - (self._size[n][0] - self._own[n][0]) / 2, self._y[self._rank[n]][0]) for n in self._own
        }
        out = Drawing(wide, last[0] + last[1] / 2 + _MARGIN, nodes)
        ports = self._ports(nodes)
        lowest: dict[str, float] = defaultdict(float)
        for i, arrow in enumerate(self._arrows):
            if arrow.source == arrow.target:
                route, label = self._loop(nodes[arrow.source], arrow, lowest)
            else:
                route, label = self._route(i, nodes, ports)
            out.routes.append(route)
            out.labels.append(label)
        return out

    def _ports(self, nodes: dict[str, Point]) -> dict[tuple[int, str], float]:
        """Where across each arrow leaves or meets its nodes: side by side, in the order of where they go."""
        ports: dict[tuple[int, str], float] = {}
        for side in ("upper", "lower"):
            at: dict[str, list[tuple[float, int]]] = defaultdict(list)
            for i in self._straight():
                chain = self._chains[i]
                node, beside = (chain[0], chain[1]) if side == "upper" else (chain[-1], chain[-2])
                at[str(node)].append((self._x[beside], i))
            for node, found in at.items():
                room = self._own[node][0] - 24
                step = min(26.0, room / max(1, len(found)))
                for place, (_, i) in enumerate(sorted(found)):
                    ports[i, side] = nodes[node][0] + (place - (len(found) - 1) / 2) * step
        return ports

    def _route(self, i: int, nodes: dict[str, Point], ports: dict[tuple[int, str], float]) -> tuple[list[Point], Point]:
        chain = self._chains[i]
        upper, lower = str(chain[0]), str(chain[-1])
        route = [(ports[i, "upper"], nodes[upper][1] + self._own[upper][1] / 2)]
        top = self._y[self._rank[upper]]
        route.append((route[0][0], top[0] + top[1] / 2))
        label = route[0]
        for rank, cell in enumerate(chain[1:-1], self._rank[upper] + 1):
            middle, high = self._y[rank]
            route += [(self._x[cell], middle - high / 2), (self._x[cell], middle + high / 2)]
            if self._size[cell] == self._arrows[i].label:
                label = (self._x[cell], middle)
        bottom = self._y[self._rank[lower]]
        route.append((ports[i, "lower"], bottom[0] - bottom[1] / 2))
        route.append((ports[i, "lower"], nodes[lower][1] - self._own[lower][1] / 2))
        route = [p for at, p in enumerate(route) if at == 0 or p != route[at - 1]]
        return (route[::-1] if i in self._turned else route), label

    def _loop(self, at: Point, arrow: Arrow, lowest: dict[str, float]) -> tuple[list[Point], Point]:
        """An arrow from a node to itself, on its right side."""
        wide, high = self._own[arrow.source]
        x, reach = at[0] + wide / 2, 18.0
        lift = lowest[arrow.source]
        lowest[arrow.source] += arrow.label[1] + 8
        y = at[1] - self._size[arrow.source][1] / 2 + lift + arrow.label[1] / 2 + 4
        y = min(max(y, at[1] - high / 2 + 8), at[1] + high / 2 - 8)
        route = [(x, y - 6), (x + reach, y - 6), (x + reach, y + 6), (x, y + 6)]
        return route, (x + _LOOP + arrow.label[0] / 2 - 2, y)
