"""check_pages.py finds a member that is explained nowhere, and one that is explained and does not exist."""
import unittest

import check_pages

SCHEMAS = {"summary": {"properties": {"ttft_ms": {"enum": ["kernel_stamp"]}}}, "record-log": {"$defs": {"a": {"properties": {"at_ns": {}}}}}}
PAGES = {
    "result-files.md": "| key | content |\n| --- | --- |\n| `ttft_ms` | `kernel_stamp` |\n",
    "record-log.md": "`at_ns`",
    "simulator.md": "## The log\n",
    "metrics.md": "## Per run\n",
}


class CheckPages(unittest.TestCase):
    def found_with(self, page, text):
        return list(check_pages.problems(SCHEMAS, {**PAGES, page: text}))

    def test_nothing_is_wrong_with_the_same_members(self):
        self.assertEqual(list(check_pages.problems(SCHEMAS, PAGES)), [])

    def test_what_differs_is_found(self):
        table = PAGES["result-files.md"]
        for page, text, expected in [
            ("record-log.md", "at_ns", "record-log.md: does not explain 'at_ns' of the schema 'record-log'"),
            ("result-files.md", "", "result-files.md or metrics.md: does not explain 'ttft_ms' of the schema 'summary'"),
            ("result-files.md", table + "| `tpot` | |\n", "result-files.md: 'tpot' is in a table and in no schema"),
            ("result-files.md", table + "\nand `tpot_ms`\n", "result-files.md: 'tpot_ms' is in no schema"),
            ("simulator.md", "## The log\n| key |\n| --- |\n| `end` |\n", "simulator.md: 'end' is in a table and in no schema"),
            ("metrics.md", "## Per run\n| metric |\n| --- |\n| `goodput` |\n", "metrics.md: 'goodput' is in a table and in no schema"),
        ]:
            with self.subTest(expected):
                self.assertIn(expected, self.found_with(page, text))


if __name__ == "__main__":
    unittest.main()
