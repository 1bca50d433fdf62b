/** The active branch of a session as Markdown: to be read by people, and not to come back. */
import { parted } from '../../../shared/attachments.ts';
import type { SessionRow, TurnRow } from '../rows.ts';

/** `path`: from the first turn to the last. */
export function markdownOf(
  { title, system }: Pick<SessionRow, 'title' | 'system'>,
  path: readonly Pick<TurnRow, 'role' | 'text' | 'status'>[],
): string {
  const blocks = [`# ${title || 'Conversation'}`];
  if (system) blocks.push(quoted(system));
  for (const { role, text, status } of path) {
    blocks.push(role === 'user' ? '## You' : '## Llamba');
    const { documents, text: said } = role === 'user' ? parted(text) : { documents: [], text };
    for (const document of documents) blocks.push(`Attached: ${document.title}`, quoted(document.text));
    if (said.trim() !== '') blocks.push(said.trim());
    if (status !== 'whole') blocks.push('*(cut short)*');
  }
  return `${blocks.join('\n\n')}\n`;
}

const quoted = (text: string): string =>
  text
    .split('\n')
    .map((line) => `> ${line}`.trimEnd())
    .join('\n');
