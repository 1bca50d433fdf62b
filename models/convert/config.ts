/** config.json of a converted model: what the source said, and beside it what is true of the result. */
import type { Conversion } from '../../electron/shared/models.ts';
import { blocksOf, embeddingOf } from './names.ts';
import type { OpenedModel } from './open-model.ts';

export function configOf(model: OpenedModel, conversion: Conversion, name: string): Record<string, unknown> {
  const quantization = quantizationOf(conversion, embeddingOf[model.architecture]);
  return {
    ...(model.architecture === 'llamba' ? llamba(model) : {}),
    ...model.config,
    model_type: model.architecture,
    name,
    ...(model.architecture === 'llamba' && { tensor_names: 'cartesia-mlx' }),
    quantization,
    quantization_config: quantization,
  };
}

/** As MLX's tools write it: the rule for all matrices, then the embedding's where it has another one. */
export function quantizationOf({ bits, groupSize, embedding }: Conversion, stem: string) {
  const rule = { group_size: groupSize, bits };
  if (embedding === bits) return rule;
  return { ...rule, [stem]: embedding === 16 ? false : { group_size: groupSize, bits: embedding } };
}

/** For files that come without a configuration: what shapes and cartesia-mlx's metadata tell. */
function llamba({ source, config }: OpenedModel): Record<string, unknown> {
  if (Object.keys(config).length > 0) return {};
  const { tensors, metadata } = source;
  const size = (name: string, axis: number) => tensors.get(name)?.shape[axis];
  const inner = size('model.layers.0.layer.out_proj.weight', 1);
  const heads = size('model.layers.0.layer.D', 0);
  const convolved = size('model.layers.0.layer.conv_weight', 0);
  const state = inner && heads && convolved ? (convolved - inner) / (2 * heads) : undefined;
  return {
    vocab_size: size('embedding.encoder.weight', 0),
    d_model: size('model.norm.weight', 0),
    n_layer: blocksOf('llamba', tensors.keys()),
    tie_embeddings: !tensors.has('head.linear.weight'),
    mlp_cfg: { intermediate_size: size('model.layers.1.layer.in_proj.weight', 0), act_fn: 'silu' },
    ssm_cfg: {
      d_state: state,
      n_v_heads: heads,
      n_qk_heads: heads,
      activation: metadata['model.unique_layers.0.layer.conv_swish'] === 'true' ? 'silu' : 'identity',
    },
  };
}
