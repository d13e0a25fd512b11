"""Numerical libraries are kept to one thread for as long as is asked, and no longer."""

from __future__ import annotations

from threadpoolctl import threadpool_info, threadpool_limits

from core.evaluation import one_thread


def threads() -> list[int]:
    return [library["num_threads"] for library in threadpool_info()]


def test_the_libraries_that_judge_have_one_thread_while_it_is_held_and_as_many_as_before_afterwards():
    with one_thread.held():
        assert {library["user_api"] for library in threadpool_info()} == {"blas", "openmp"}
    with threadpool_limits(2):
        assert set(threads()) == {2}
        with one_thread.held():
            assert set(threads()) == {1}
        assert set(threads()) == {2}
