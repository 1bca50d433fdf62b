/** Rows of what models wrote or were measured at: summaries of documents, and recalls. */
import type { Recall, Summary } from '../../shared/documents.ts';
import type { Tables } from '../sessions/statements.ts';

export interface SummaryRows {
  /** Latest first. */
  summaries(document: string): Summary[];
  putSummary(summary: Summary): void;
  removeSummary(id: string): void;
  /** The latest; `model`: its fingerprint. */
  recall(model: string): Recall | null;
  putRecall(model: string, recall: Recall): void;
}

export function summaryRows({ prepare }: Tables): SummaryRows {
  const summaries = prepare<{ value: string }>(
    'SELECT value FROM summaries WHERE document = ? ORDER BY at DESC, rowid DESC',
  );
  const putSummary = prepare('INSERT INTO summaries (id, document, at, value) VALUES (?, ?, ?, ?)');
  const removeSummary = prepare('DELETE FROM summaries WHERE id = ?');
  const recall = prepare<{ value: string }>('SELECT value FROM recalls WHERE model = ?');
  const putRecall = prepare('INSERT OR REPLACE INTO recalls (model, value) VALUES (?, ?)');

  return {
    summaries: (document) => summaries.all(document).map(({ value }) => JSON.parse(value)),
    putSummary: (summary) =>
      void putSummary.run(summary.id, summary.document, summary.at, JSON.stringify(summary)),
    removeSummary: (id) => void removeSummary.run(id),
    recall(model) {
      const row = recall.get(model);
      return row ? JSON.parse(row.value) : null;
    },
    putRecall: (model, value) => void putRecall.run(model, JSON.stringify(value)),
  };
}
