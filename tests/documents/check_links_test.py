"""check_links.py finds what is wrong and nothing else."""
import tempfile
import unittest
from pathlib import Path

import check_links

WHOLE = {
    "README.md": "# Title\n[a](docs/a.md#two-words) [b](docs) `docs/a.md` `results/x.json`\n```\n[no](link.md)\n```\n",
    "docs/a.md": "# A\n## Two words\n[up](../README.md) [here](#two-words) [web](https://x.y/z) `llmdyno/base/time.h`\n",
    "docs/README.md": "# Pages\n[a](a.md) [architecture](architecture.md)\n",
    "docs/architecture.md": "# Architecture\n\n| module | layer |\n| --- | --- |\n| `base` | 0 |\n\ntext\n",
    "docs/adr/README.md": "# Records\n[1](0001-x.md)\n",
    "docs/adr/0001-x.md": "# 1\n",
    "lib/CMakeLists.txt": "llmdyno_module(base)\n",
    "include/llmdyno/base/time.h": "",
}


class CheckLinks(unittest.TestCase):
    def found_with(self, name="README.md", text=None):
        with tempfile.TemporaryDirectory() as folder:
            for path, content in {**WHOLE, name: WHOLE[name] if text is None else text}.items():
                file = Path(folder, path)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(content)
            return list(check_links.problems(Path(folder).resolve()))

    def test_nothing_is_wrong_with_whole_pages(self):
        self.assertEqual(self.found_with(), [])

    def test_what_leads_nowhere_is_found(self):
        for name, text, expected in [
            ("README.md", "# T\n[a](docs/b.md)", "README.md:2: the link to 'docs/b.md' leads to no file"),
            ("README.md", "# T\n[a](docs/a.md#three)", "README.md:2: the link to 'docs/a.md#three' leads to no heading of a.md"),
            ("README.md", "# T\n[a](#two-words)", "README.md:2: the link to '#two-words' leads to no heading of README.md"),
            ("README.md", "# T\n`docs/b.md`", "README.md:2: there is no 'docs/b.md'"),
            ("README.md", "# T\n`llmdyno/base/no.h`", "README.md:2: there is no 'llmdyno/base/no.h'"),
            ("docs/README.md", "# Pages\n[a](architecture.md)", "docs/README.md: does not name a.md"),
            ("docs/adr/README.md", "# Records\n", "docs/adr/README.md: does not name 0001-x.md"),
            ("lib/CMakeLists.txt", "", "docs/architecture.md: the module 'base' is not in lib/CMakeLists.txt"),
            ("lib/CMakeLists.txt", "llmdyno_module(base)\nllmdyno_module(net)\n",
             "docs/architecture.md: the table of modules does not name 'net' of lib/CMakeLists.txt"),
            ("lib/CMakeLists.txt", "llmdyno_module(base)\nllmdyno_module(net)\n",
             "include/llmdyno/net has no header of the module 'net'"),
        ]:
            with self.subTest(expected):
                self.assertIn(expected, self.found_with(name, text))


if __name__ == "__main__":
    unittest.main()
