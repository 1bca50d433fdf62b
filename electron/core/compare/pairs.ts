/** Which Llamba is compared with which Transformer. Pure. */
import type { Pair } from '../../shared/compare.ts';
import type { CatalogueModel, ModelEntry } from '../../shared/contract.ts';

/** The catalogue's Llambas that are on this disk, with their twins, there or not. */
export function pairsOf(catalogue: readonly CatalogueModel[], entries: readonly ModelEntry[]): Pair[] {
  const there = new Set(entries.map(({ id }) => id));
  return catalogue
    .filter(({ id, architecture }) => architecture === 'llamba' && there.has(id))
    .map(({ id, name, twin: twinId, form }) => {
      const twin = catalogue.find((model) => model.id === twinId);
      return {
        llamba: { id, name },
        twin: twin
          ? { id: twin.id, name: twin.name, installed: there.has(twin.id), embedded: form === 'embedded' }
          : null,
      };
    });
}
