"""A wait whose time is over has failed, whatever holds by then."""
import threading
import time
import unittest

from support.waiting import crew, eventually, joined, journal, never, wait_changed, wait_set

SHORT = 0.05


class test_waiting(unittest.TestCase):
    def test_what_holds_after_the_time_is_not_in_time(self):
        begin = time.monotonic()

        def late():
            threading.Event().wait(2 * SHORT)
            return time.monotonic() >= begin + SHORT
        with self.assertRaisesRegex(never, "it: not in time"):
            eventually(late, "it", SHORT)
        self.assertEqual(eventually(lambda: 17, "it"), 17)

    def test_a_condition_that_nobody_tells_of(self):
        changed, begin = threading.Condition(), time.monotonic()
        with changed:
            self.assertFalse(wait_changed(changed, lambda: time.monotonic() >= begin + SHORT / 2,
                                          SHORT))
            self.assertTrue(wait_changed(changed, lambda: True, 0))

    def test_other_items_do_not_prolong_a_wait(self):
        seen, stop = journal(), threading.Event()

        def fill():
            while not stop.wait(SHORT / 50):
                seen.add("another")
        filler = threading.Thread(target=fill)
        filler.start()
        try:
            with self.assertRaisesRegex(never, "not in time"):
                seen.wait(lambda item: item == "it", "it", SHORT)
        finally:
            stop.set()
            joined(filler, "the filler")
        seen.add("it")
        self.assertEqual(seen.wait(lambda item: item == "it", "it"), "it")

    def test_events_and_threads(self):
        over = threading.Event()
        waiting = threading.Thread(target=over.wait)
        waiting.start()
        with self.assertRaises(never):
            wait_set(over, "the event", SHORT)
        with self.assertRaises(never):
            joined(waiting, "the thread", SHORT)
        over.set()
        wait_set(over, "the event")
        joined(waiting, "the thread")

    def test_what_a_thread_of_a_crew_raises_is_raised_where_it_is_joined(self):
        over, nothing, done = threading.Event(), threading.Event(), journal()

        def work(number):
            if number == 1:
                wait_set(nothing, "nothing", SHORT)
            wait_set(over, "the end")
            done.add(number)
        workers = crew(3, work)
        with self.assertRaisesRegex(never, "the work: its thread does not end"):
            workers.join("the work", 2 * SHORT)
        over.set()
        with self.assertRaisesRegex(never, "nothing: not in time"):
            workers.join("the work")
        self.assertEqual(set(done.items()), {0, 2})
        crew(2, done.add).join("more work")
        self.assertEqual(len(done), 4)


if __name__ == "__main__":
    unittest.main()
