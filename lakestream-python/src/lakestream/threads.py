# SPDX-License-Identifier: Apache-2.0
"""Threads that nobody has to end: daemons that stop with their owner, a fork, or the process.

The executors of the standard library are waited for when the interpreter exits; a request that
hangs would then keep a training job, or its Ctrl-C, from ending.
"""

from __future__ import annotations

import atexit
import multiprocessing
import os
import threading
import time
import weakref
from concurrent.futures import Future
from contextlib import suppress
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
T = TypeVar("T")
_Task = tuple[Future[Any], "Callable[[], Any]"]
_Queue = SimpleQueue[_Task | None]

_PATIENCE_SECONDS = 1.0
"""How long an exit waits for threads that are in the middle of something, all of them together."""

_stops: dict[threading.Thread, Callable[[], None]] = {}
"""Of each thread that runs; what a `stop` refers to is kept no longer than its thread runs."""


def start_daemon(name: str, run: Callable[[], None], stop: Callable[[], None]) -> threading.Thread:
    """Starts a daemon thread that runs `run`, and returns soon once `stop` was called.

    At the exit of the interpreter `stop` is called, as a thread that is still busy with native code
    while the interpreter is taken down may bring the process down with it.
    """

    def run_and_forget() -> None:
        try:
            run()
        finally:
            _stops.pop(threading.current_thread(), None)

    thread = threading.Thread(target=run_and_forget, name=name, daemon=True)
    _stops[thread] = stop
    try:
        thread.start()
    except BaseException:
        del _stops[thread]
        raise
    return thread


@atexit.register
def _stop_all() -> None:
    threads = [(thread, stop) for thread, stop in list(_stops.items()) if thread.is_alive()]
    for _, stop in threads:
        stop()
    patience = time.monotonic() + _PATIENCE_SECONDS
    for thread, _ in threads:
        thread.join(max(0.0, patience - time.monotonic()))


def _forget_all() -> None:
    """Threads do not survive a fork."""
    _stops.clear()


os.register_at_fork(after_in_child=_forget_all)


def orphaned() -> bool:
    """Whether this is a worker process whose trainer is no more.

    Such a worker may wait for data that nobody will ever take; nobody else would end it.
    """
    parent = multiprocessing.parent_process()
    return parent is not None and not parent.is_alive()


class Workers:
    """Up to `count` threads that carry out tasks in the order in which they were given.

    Threads start when there is something to do. They end when this object is no more, or the
    process; tasks that have not begun by then are never carried out. A child of a fork gets threads
    of its own. Thread-safe.
    """

    def __init__(self, count: int, name: str) -> None:
        self._count = count
        self._name = name
        self._start_anew()

    def _start_anew(self) -> None:
        self._lock = threading.Lock()
        self._queue: _Queue = SimpleQueue()
        self._started = 0
        self._pid = os.getpid()
        self._end = weakref.finalize(self, self._queue.put, None)

    def submit(self, task: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Has `task` carried out by one of the threads."""
        if self._pid != os.getpid():
            self._end.detach()
            self._start_anew()
        future: Future[T] = Future()
        with self._lock:
            if self._started < self._count:
                self._started += 1
                queue = self._queue
                name = f"{self._name}-{self._started}"
                start_daemon(name, lambda: _work(queue), lambda: queue.put(None))
        self._queue.put((future, lambda: task(*args, **kwargs)))
        return future


def _work(queue: _Queue) -> None:
    """What a thread does; it must not know its owner, which ends when nobody else knows it."""
    while True:
        item = queue.get()
        if item is None:
            queue.put(None)  # For the next one.
            return
        future, task = item
        del item
        if future.set_running_or_notify_cancel():
            try:
                result = task()
            except BaseException as error:  # noqa: BLE001 - raised where it is waited for
                future.set_exception(error)
            else:
                future.set_result(result)
                del result
        del future, task


class Patrol:
    """Asks its questions every few milliseconds, in one thread for all, until each is answered.

    The thread is there while there are questions, and shortly after. Thread-safe.
    """

    def __init__(self, pause: float = 0.01, rest: float = 1.0) -> None:
        """It asks every `pause` seconds, and ends after `rest` seconds without a question."""
        self._pause = pause
        self._rests = max(1, round(rest / pause))
        self._forget()

    def _forget(self) -> None:
        self._lock = threading.Lock()
        self._questions: list[Callable[[], bool]] = []
        self._walking = False
        self._stopped = False
        self._pid = os.getpid()

    def ask(self, question: Callable[[], bool]) -> None:
        """Calls `question` again and again, until it returns true. It must not raise, nor wait."""
        if self._pid != os.getpid():
            self._forget()
        with self._lock:
            self._questions.append(question)
            if self._walking:
                return
            self._walking = True
        start_daemon("lakestream-patrol", self._walk, self._stop)

    def leave(self, question: Callable[[], bool]) -> None:
        """Asks no more, if it still does."""
        with self._lock, suppress(ValueError):
            self._questions.remove(question)

    def _stop(self) -> None:
        self._stopped = True

    def _walk(self) -> None:
        rested = 0
        while not self._stopped:
            time.sleep(self._pause)
            if self._ask_all():
                rested = 0
                continue
            rested += 1
            if rested > self._rests:
                with self._lock:
                    if not self._questions:
                        self._walking = False
                        return

    def _ask_all(self) -> bool:
        """Whether there was a question."""
        with self._lock:
            questions = list(self._questions)
        for question in questions:
            if question():
                self.leave(question)
        return bool(questions)


PATROL = Patrol()
"""That of this process."""
