/** The names that tensors have in our files: cartesia-mlx's for a Llamba, mlx-lm's for a Llama (spec 4.1 and 4.3). */

/** What follows `backbone.layers.b.`, and what it becomes behind `model.layers.`: the mixer of block b is layer 2b, its MLP 2b + 1. */
const rules: readonly (readonly [hub: string, ours: string, mlp: 0 | 1])[] = [
  ['input_layernorm.', 'norm.', 0],
  ['mixer.conv1d.weight', 'layer.conv_weight', 0],
  ['mixer.conv1d.bias', 'layer.conv_bias', 0],
  ['mixer.', 'layer.', 0],
  ['post_attention_layernorm.', 'norm.', 1],
  ['mlp.gate_proj.', 'layer.in_proj.', 1], // Llama's gate (silu) is called in_proj there
  ['mlp.up_proj.', 'layer.gate_proj.', 1],
  ['mlp.down_proj.', 'layer.out_proj.', 1],
];
const outside: readonly (readonly [hub: string, ours: string])[] = [
  ['backbone.embedding.', 'embedding.encoder.'],
  ['backbone.final_layernorm.', 'model.norm.'],
  ['backbone.lm_head.', 'head.linear.'],
  ['lm_head.', 'head.linear.'],
];

/** A hub name as ours; a name that is none stays as it is. */
export function fromHub(name: string): string {
  for (const [hub, ours] of outside) if (name.startsWith(hub)) return ours + name.slice(hub.length);
  const [, block, rest] = /^backbone\.layers\.(\d{1,5})\.(.*)$/s.exec(name) ?? [];
  if (block === undefined || rest === undefined) return name;
  const rule = rules.find(([hub]) => rest.startsWith(hub));
  if (!rule) return name;
  const [hub, ours, mlp] = rule;
  return `model.layers.${2 * Number(block) + mlp}.${ours}${rest.slice(hub.length)}`;
}

export type Architecture = 'llamba' | 'llama';

/** What stands before `.weight` of the embedding. */
export const embeddingOf = { llamba: 'embedding.encoder', llama: 'model.embed_tokens' } as const;

const matrices = {
  llamba:
    /^(embedding\.encoder|head\.linear|model\.layers\.\d+\.layer\.(in_proj|out_proj|gate_proj))\.weight$/,
  llama:
    /^(model\.embed_tokens|lm_head|model\.layers\.\d+\.(self_attn\.[qkvo]_proj|mlp\.(gate|up|down)_proj))\.weight$/,
} as const;

/** Whether it is one of those that are quantized. */
export const isMatrix = (architecture: Architecture, name: string) => matrices[architecture].test(name);

const mixer = [
  'norm.weight',
  'layer.in_proj.weight',
  'layer.out_proj.weight',
  'layer.conv_weight',
  'layer.D',
];
const mlp = ['norm.weight', 'layer.in_proj.weight', 'layer.gate_proj.weight', 'layer.out_proj.weight'];
const transformer = [
  ...['q', 'k', 'v', 'o'].map((part) => `self_attn.${part}_proj.weight`),
  ...['gate', 'up', 'down'].map((part) => `mlp.${part}_proj.weight`),
  'input_layernorm.weight',
  'post_attention_layernorm.weight',
];

/** Blocks that the names speak of: one more than the highest number. */
export function blocksOf(architecture: Architecture, names: Iterable<string>): number {
  let layers = 0;
  for (const name of names) {
    const [, layer] = /^model\.layers\.(\d{1,5})\./.exec(name) ?? [];
    if (layer !== undefined) layers = Math.max(layers, Number(layer) + 1);
  }
  return architecture === 'llamba' ? Math.ceil(layers / 2) : layers;
}

/** Names that a whole model has and this one lacks. */
export function missingNames(architecture: Architecture, names: ReadonlySet<string>): string[] {
  const needed = [`${embeddingOf[architecture]}.weight`, 'model.norm.weight'];
  const blocks = Math.max(1, blocksOf(architecture, names));
  for (let block = 0; block < blocks; block++) {
    const layer = (index: number, leaves: readonly string[]) =>
      needed.push(...leaves.map((leaf) => `model.layers.${index}.${leaf}`));
    if (architecture === 'llama') layer(block, transformer);
    else {
      layer(2 * block, mixer);
      layer(2 * block + 1, mlp);
    }
  }
  return needed.filter((name) => !names.has(name));
}
