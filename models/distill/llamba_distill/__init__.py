"""MOHAWK distillation (arXiv 2408.10189) of SmolLM2-135M-Instruct into a recurrent Llamba (arXiv 2502.14458)."""
