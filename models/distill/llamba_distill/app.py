"""Answers of the app's own engine: the shipped file as its users get it, on a CPU in float32, sampled as the app samples."""
import json
import subprocess
from pathlib import Path

ANSWERS = Path(__file__).parents[3] / "test" / "bench" / "answers.ts"


class App:
    """Stands for the student in an evaluation. node: the path of a Node that runs TypeScript (24 or newer)."""

    def __init__(self, node, model):
        self.node, self.model, self.device = node, str(Path(model).resolve()), None

    def answers(self, prompts, limit, settings, seed):
        """As generate.answers. settings as in a generation_config.json; each prompt draws from a seed of its own."""
        request = {"model": self.model, "prompts": prompts, "limit": limit, "settings": settings, "seed": seed}
        done = subprocess.run([self.node, str(ANSWERS)], input=json.dumps(request), stdout=subprocess.PIPE, text=True, check=True)
        found = json.loads(done.stdout)
        self.device = found["device"]
        return [a["said"] for a in found["answers"]], [a["ended"] for a in found["answers"]]
