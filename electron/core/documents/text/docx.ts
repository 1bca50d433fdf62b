/** DOCX: paragraphs by their styles, tables as lines, notes below the section that they belong to. */
import { type Archive, openArchive } from './archive.ts';
import { oneLine } from './clean.ts';
import { readBody, readNotes } from './docx-body.ts';
import { readStyles } from './docx-styles.ts';
import type { Read, Source } from './extracted.ts';
import { sections } from './sections.ts';
import { damaged } from './unreadable.ts';
import { readXml } from './xml.ts';

export async function readDocx({ path, name, limits, progress }: Source): Promise<Read> {
  const archive = await openArchive(path, limits.unpackedBytes);
  try {
    const place = await bodyPlace(archive);
    const folder = place.slice(0, place.lastIndexOf('/') + 1);
    const [styles, footnotes, endnotes] = [
      readStyles(await archive.read(`${folder}styles.xml`)),
      readNotes(await archive.read(`${folder}footnotes.xml`)),
      readNotes(await archive.read(`${folder}endnotes.xml`)),
    ];
    const body = await archive.read(place);
    if (!body) throw damaged('its body is missing');
    const blocks = readBody(body, styles, { footnotes, endnotes });
    progress(1, 1);
    const first = blocks.find(({ type }) => type === 'heading');
    const heading = first?.type === 'heading' ? first.text : '';
    return { title: (await coreTitle(archive)) || heading || name, pages: sections(blocks), notes: [] };
  } finally {
    await archive.close();
  }
}

/** The package says where its main part lies; nearly always it is word/document.xml. */
async function bodyPlace(archive: Archive): Promise<string> {
  const relations = await archive.read('_rels/.rels');
  let place = '';
  if (relations)
    readXml(relations, {
      open: (name, { Type = '', Target = '' }) => {
        if (name === 'Relationship' && Type.endsWith('/officeDocument')) place ||= Target.replace(/^\//, '');
      },
    });
  return archive.has(place) ? place : 'word/document.xml';
}

async function coreTitle(archive: Archive): Promise<string> {
  const core = await archive.read('docProps/core.xml');
  let [title, inTitle] = ['', false];
  if (core)
    readXml(core, {
      open: (name) => {
        inTitle = name === 'title';
      },
      close: () => {
        inTitle = false;
      },
      text: (text) => {
        if (inTitle) title += text;
      },
    });
  return oneLine(title);
}
