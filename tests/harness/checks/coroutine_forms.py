#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""scripts/check_coroutines.py rejects every form of docs/decisions/0010-coroutines-and-gcc-12.md, and nothing that is right."""

import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "scripts"))
from check_coroutines import check  # noqa: E402

REJECTED = """
co_await f({.name = "a", .t = 3});
co_await f(Options{"a", 3});
const int n = co_await obj.f(ns::Options{.a = 1}) + 1;
co_await AggregateTrigger{1};
co_await f({a, b});
co_await f(std::vector<int>{1, 2});
S s{co_await f(), std::string("a")};
auto s = S{co_await f(), std::string("a")};
S s = {std::string("a"), co_await f()};
S s{.a = g(co_await f()), .b = 1};
lower s{1, co_await f()};
std::vector<int> v{co_await f(), co_await f()};
co_return S{co_await f(), name()};
T a[2] = {co_await f(), T()};
h(S{co_await f(), 2});
T t = c ? co_await f() : T();
T t = c ? T() : co_await f();
use(c ? co_await f() : co_await g());
co_await f(c ? std::string("a") : std::string("b"));
T t = co_await (c ? f() : g());
T t = co_await f() ? T() : T();
for (int i = 0; i < 3; ++i) co_await f(i ? T(1) : T(2));
use(co_await f(), Options{1}.t);
use(T(Options{1}.t), co_await f());
const int n = co_await f() + (c ? T() : T()).size();
co_await select(f([&] { return 1; }), Options{1});
"""

ACCEPTED = """
co_await f(Options("a", 3));
auto v = co_await f(); S s(v, name());
co_await Timer(fast ? 1 : 5, ns);
const auto kind = up ? a : b; co_await f(kind);
if (c) { co_await f(); } else { co_await g(); }
co_await [&]() -> Coro<void> { S s{1, 2}; co_await f(); }();
start_soon([&](int n) -> Coro<void> { for (;;) { co_await f(n); } }(3));
co_await with_timeout(f(), 1, TimeUnit::ns);
co_await gather(f(), [&]() -> Coro<int> { const T t = c ? T(1) : T(2); co_return co_await g(t); }());
while (co_await f() < 3) { T t{1}; t.use(); }
switch (co_await f()) { case 1: { T t{1}; break; } default: break; }
for (const auto& x : co_await f()) { use(T{x}); }
S s{1, 2}; co_await f(s);
auto text = "co_await f({1})";  // co_await f({1});
Coro<int> run() { co_return co_await f(); }
"""


def found(body):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "x.cpp")
        path.write_text(f"Coro<void> body() {{\n  before();\n{body}\n  after();\n}}\n")
        return list(check(path))


def main():
    wrong = [f"not rejected: {l}" for l in REJECTED.strip().splitlines() if not found(l)]
    wrong += [f"rejected: {l}: {found(l)}" for l in ACCEPTED.strip().splitlines() if found(l)]
    print("\n".join(wrong))
    print(f"{len(wrong)} complaints about {len(REJECTED.strip().splitlines()) + len(ACCEPTED.strip().splitlines())} lines")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
