"""Documents for kinds in words."""

import json


def doc(*options: str, prompt: str = "Q?") -> dict:
    return {"options": json.dumps(options), "prompt": prompt, "outputs": "", "files": "[]"}
