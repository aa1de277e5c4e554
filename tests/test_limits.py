"""The size of things, and the graph of imports: limits that keep the house readable."""

import ast
from collections import Counter
from functools import cache

from tests.test_layers import MODULES, ROOT

LINES, ARGUMENTS, FILES = 80, 10, 14
KERNELS = ROOT / "kernels"  # loops take many arrays, and one long loop is quicker than several short ones


def name(path):
    """Dotted name of a module; a package by its folder."""
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def parsed(path):
    """Its syntax tree."""
    return ast.parse(path.read_text())


def functions(tree, prefix=""):
    """Every function and method with its qualified name."""
    for node in ast.iter_child_nodes(tree):
        inner = f"{prefix}.{node.name}" if hasattr(node, "name") and prefix else getattr(node, "name", prefix)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield inner, node
        yield from functions(node, inner if isinstance(node, ast.ClassDef | ast.FunctionDef) else prefix)


@cache
def everywhere():
    return list(outside_kernels())


def outside_kernels():
    for path in MODULES:
        if KERNELS not in path.parents:
            for inner, node in functions(parsed(path)):
                yield f"{name(path)}.{inner}", node


def arguments(node):
    a = node.args
    every = [*a.posonlyargs, *a.args, *a.kwonlyargs]
    return len([x for x in every if x.arg not in ("self", "cls")])


def is_command(node):
    """Whether it is a command of the command line: its arguments are the options, read from its signature."""
    return any(
        isinstance(d, ast.Call)
        and isinstance(d.func, ast.Attribute)
        and d.func.attr in ("command", "callback")
        for d in node.decorator_list
    )


def test_no_function_is_long():
    long = {where for where, node in everywhere() if node.end_lineno - node.lineno + 1 > LINES}
    assert not long


def test_no_function_takes_many_arguments():
    wide = {where for where, node in everywhere() if not is_command(node) and arguments(node) > ARGUMENTS}
    assert not wide


def test_no_folder_is_crowded():
    count = Counter(path.parent for path in MODULES if path.parent != KERNELS)
    assert not {name(folder) for folder, n in count.items() if n > FILES}


def imports(tree):
    """Pairs ``(module, name or None)`` of every import, wherever it stands, but for type checkers alone."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            yield from imports(ast.Module(node.orelse, []))
        elif isinstance(node, ast.Import):
            yield from ((alias.name, None) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.module, alias.name) for alias in node.names)
        else:
            yield from imports(node)


def graph():
    """Module -> modules of the package it imports; ``from package import module`` leads to the module."""
    names = {name(path) for path in MODULES}
    edges = {}
    for path in MODULES:
        found = imports(parsed(path))
        inner = {f"{module}.{what}" if f"{module}.{what}" in names else module for module, what in found}
        edges[name(path)] = (inner & names) - {name(path)}
    return edges


def circles(edges):
    """Groups of modules that reach each other (Tarjan's strongly connected components)."""
    index, low, stack, found = {}, {}, [], []

    def visit(v):
        index[v] = low[v] = len(index)
        stack.append(v)
        for w in sorted(edges[v]):
            if w not in index:
                visit(w)
                low[v] = min(low[v], low[w])
            elif w in stack:
                low[v] = min(low[v], index[w])
        if low[v] == index[v]:
            group = stack[stack.index(v) :]
            del stack[stack.index(v) :]
            if len(group) > 1:
                found.append(sorted(group))

    for v in sorted(edges):
        if v not in index:
            visit(v)
    return found


def test_no_import_runs_in_a_circle():
    assert circles(graph()) == []


def test_the_reader_of_functions_and_circles_sees_what_it_should():
    code = (
        "class A:\n def f(self, a, *, b=1):\n  def g(x): pass\n@app.command('x')\ndef h(a, b, c): import q\n"
    )
    tree = ast.parse("import a\nif TYPE_CHECKING:\n import b\nelse:\n import c\n" + code)
    assert [(w, arguments(n), is_command(n)) for w, n in functions(tree)] == [
        ("A.f", 2, False), ("A.f.g", 1, False), ("h", 3, True)
    ]  # fmt: skip
    assert list(imports(tree)) == [("a", None), ("c", None), ("q", None)]
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": set()}) == [["a", "b", "c"]]
