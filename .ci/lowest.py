"""The lowest versions that setup.cfg allows, as constraints for pip.

python .ci/lowest.py > lowest.txt && pip install '.[test-core]' -c lowest.txt
"""

import configparser
import re
from pathlib import Path

LISTS = (("options", "install_requires"), ("options.extras_require", "test-core"))


def lowest(setup: str) -> list[str]:
    """`name==version` of every requirement of the base install and of `test-core`.

    >>> lowest("[options]\\ninstall_requires =\\n    a-b>=1.2,<3; os_name == 'x'\\n"
    ...     "[options.extras_require]\\ntest-core =\\n    c>=4\\n")
    ['a-b==1.2', 'c==4']

    Raises:
        ValueError: A requirement has no lowest version, or no bound above.
    """
    config = configparser.ConfigParser()
    config.read_string(setup)
    found = []
    for section, key in LISTS:
        for line in config[section][key].split("\n"):
            requirement = line.partition(";")[0].strip()
            if not requirement or requirement.startswith("#"):
                continue
            bounds = re.fullmatch(r"([\w.-]+)>=([\w.]+)(,<=?[\w.]+)?", requirement)
            if bounds is None:
                raise ValueError(f"setup.cfg: {requirement!r} has no lowest version")
            found.append(f"{bounds[1]}=={bounds[2]}")
    return found


if __name__ == "__main__":
    print(*lowest((Path(__file__).parents[1] / "setup.cfg").read_text(encoding="utf-8")), sep="\n")
