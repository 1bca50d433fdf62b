/** `llamba info`: the machine and a model, in numbers. */
import { localCore, version } from './local-core.ts';
import { helpOf, jsonOption, modelOption, parseOptions } from './options.ts';
import { twinOf } from './twin.ts';

const options = { ...modelOption, ...jsonOption } as const;

export const help = helpOf('info [options]', 'Device, backend and model, with every size in bytes.', options);

const size = (bytes: number) =>
  bytes < 2 ** 20 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 2 ** 20).toFixed(1)} MiB`;

export async function info(args: string[]): Promise<void> {
  const given = parseOptions(args, options);
  const core = localCore('cli');
  try {
    const loaded = await core.load(given.model ?? null);
    const { rpc } = await core.ready();
    const device = await rpc.call('device', {});
    const { id, name, parameters, weightBytes, stateBytes, stateBytesPerToken, notes, ...rest } = loaded;
    const { sampling, safeLength, lengthProbe, defaultSystem, ...config } = rest;
    const twin = twinOf(loaded);
    if (given.json) {
      const model = {
        id,
        name,
        parameters,
        weightBytes,
        stateBytes,
        stateBytesPerToken,
        config,
        safeLength,
        lengthProbe,
        defaultSystem,
        sampling,
        notes,
        twin,
      };
      process.stdout.write(`${JSON.stringify({ version, device, model })}\n`);
      return;
    }
    const rows: [string, string][] = [
      ['llamba', version],
      ['device', `${device.name}, ${(device.memoryBytes / 2 ** 30).toFixed(1)} GiB`],
      ['backend', `${device.backend} (${device.architecture}), MLX ${device.mlxVersion}`],
      ['model', `${name} (${id}), ${loaded.architecture}`],
      ['parameters', parameters.toLocaleString('en')],
      ['weights', `${size(weightBytes)}, ${bitsOf(loaded)}`],
      [
        'state',
        stateBytesPerToken
          ? `grows by ${stateBytesPerToken.toLocaleString('en')} bytes a token`
          : `${size(stateBytes)} at any length`,
      ],
      ...Object.entries(config).map(([key, value]): [string, string] => [key, String(value)]),
    ];
    if (twin) {
      rows.push([
        'twin',
        `${twin.name}: its KV cache grows by ${twin.kvBytesPerToken.toLocaleString('en')} bytes a token (bf16)`,
      ]);
      rows.push(['', `and equals this state at ${Math.ceil(stateBytes / twin.kvBytesPerToken)} tokens`]);
    }
    for (const note of notes) rows.push(['note', note]);
    for (const [key, value] of rows) process.stdout.write(`${key.padEnd(13)} ${value}\n`);
  } finally {
    await core.close();
  }
}

const bitsOf = ({ bits, groupSize }: { bits: number; groupSize: number }) =>
  bits ? `${bits}-bit in groups of ${groupSize}` : 'not quantized';
