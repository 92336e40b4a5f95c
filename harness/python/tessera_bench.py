# SPDX-License-Identifier: Apache-2.0
"""Helpers of Python benches that have a twin in C++ (tessera/test.hpp): the same generator, the same seeds."""

import re
import sys

import cocotb

_MASK = (1 << 64) - 1


class SplitMix64:
    """The same numbers as tessera::SplitMix64 from the same seed."""

    def __init__(self, seed):
        self._state = seed & _MASK

    def next(self):
        self._state = (self._state + 0x9E3779B97F4A7C15) & _MASK
        z = self._state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
        return z ^ (z >> 31)

    def below(self, n):
        """0 ... n-1; the modulo bias is part of the definition."""
        return self.next() % n

    def chance(self, per_cent):
        """True in about `per_cent` of 100 cases."""
        return self.below(100) < per_cent

    def bits(self, n):
        """`n` random bits; more than 64 come from several draws, low word first."""
        if n <= 64:
            return self.next() >> (64 - n)
        value = 0
        for at in range(0, n, 32):
            value |= self.bits(min(32, n - at)) << at
        return value


def seed():
    """Run seed + SHA-1 of "module.test", 64 bits: tessera::seed()."""
    return cocotb.RANDOM_SEED & _MASK


def rng(stream=0):
    """A generator of the running test; equal `stream` numbers give equal sequences."""
    return SplitMix64(seed() + stream * 0x2545F4914F6CDD1D)


_checks = 0


def count_check(n=1):
    """Counts a check that is no `assert` statement of the bench, of a scoreboard for example."""
    global _checks
    _checks += n


def checks():
    return _checks


def reset_checks():
    global _checks
    _checks = 0


class CoverGroup:
    """Named bins, as tessera::CoverGroup: declare it in a module of the bench; all its bins go to the coverage database."""

    _groups = {}

    def __init__(self, name, bins):
        words = [name, *bins]
        if any(not re.fullmatch(r"\w+", w, re.A) for w in words) or len(set(bins)) != len(bins) or name in self._groups:
            raise RuntimeError(f"cover group {name}: names are words, and no two are equal")
        self.name, self._hits, self._line = name, dict.fromkeys(bins, 0), sys._getframe(1)
        self._line = (self._line.f_code.co_filename, self._line.f_lineno)
        self._groups[name] = self

    def sample(self, name):
        """Counts one hit; RuntimeError for a bin that was not declared."""
        if name not in self._hits:
            raise RuntimeError(f"cover group {self.name} has no bin {name}")
        self._hits[name] += 1

    def hits(self, name):
        return self._hits[name]

    @classmethod
    def write(cls, path):
        """The bins of all groups as lines of Verilator's coverage format."""
        with open(path, "w") as file:
            for group in cls._groups.values():
                name, line = group._line
                for bin_name, hits in group._hits.items():
                    file.write(f"C '\001f\002{name}\001l\002{line}\001t\002user\001page\002sp_user/{group.name}"
                               f"\001o\002{bin_name}' {hits}\n")


def no_checks(function):
    """Decorator under @cocotb.test(): the test does not fail for want of a check."""
    function.tessera_no_checks = True
    return function
