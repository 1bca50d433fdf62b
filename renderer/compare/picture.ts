/** The plots on the page as one PNG: their own SVG with the styles that hold on the page, under title and legend. */

const space = 'http://www.w3.org/2000/svg';
/** Between the parts, px. */
const gap = 16;
/** Of a line of the legend and of the notes, px. */
const lineHeight = 20;
/** Pixels of the picture for one of the page. */
const density = 2;

/** What a plot takes from the style sheets. */
const properties = [
  ...['fill', 'stroke', 'stroke-width', 'stroke-dasharray', 'stroke-linecap', 'stroke-linejoin', 'opacity'],
  ...['font-family', 'font-size', 'font-weight', 'text-anchor', 'paint-order'],
];

/** `notes`: lines that stand below, such as where the figures come from. Fails where the browser cannot draw it. */
export async function pictureOf(root: HTMLElement, title: string, notes: readonly string[]): Promise<Blob> {
  const { svg, width, height } = composed(root, title, notes);
  const image = new Image();
  image.src = `data:image/svg+xml,${encodeURIComponent(new XMLSerializer().serializeToString(svg))}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [width * density, height * density];
  const context = canvas.getContext('2d');
  if (!context) throw new Error('This browser gives no canvas.');
  context.scale(density, density);
  context.drawImage(image, 0, 0, width, height);
  return new Promise((resolve, reject) =>
    canvas.toBlob(
      (png) => (png ? resolve(png) : reject(new Error('The picture is too large.'))),
      'image/png',
    ),
  );
}

/** Everything below each other, in the order of the page. */
function composed(root: HTMLElement, title: string, notes: readonly string[]) {
  const page = getComputedStyle(root);
  const figures = [...root.querySelectorAll<HTMLElement>('figure[data-plot]')];
  const plots = figures.map((figure) => figure.querySelector<SVGSVGElement>('[role="slider"] svg'));
  const width = Math.max(360, ...plots.map((plot) => plot?.clientWidth ?? 0)) + 2 * gap;
  const svg = document.createElementNS(space, 'svg');
  const ground = add(svg, 'rect', { fill: getComputedStyle(document.body).backgroundColor });
  const quiet = { fill: page.color, opacity: '0.75' };
  const measure = document.createElement('canvas').getContext('2d');
  if (measure) measure.font = `12px ${page.fontFamily}`;
  const widthOf = (text: string) => measure?.measureText(text).width ?? 7 * text.length;
  let y = gap;

  function write(text: string, x: number, size: number, attributes: Record<string, string> = {}) {
    const font = { 'font-family': page.fontFamily, 'font-size': `${size}`, fill: page.color };
    add(svg, 'text', { x: `${x}`, y: `${y + size}`, ...font, ...attributes }).textContent = text;
  }
  const bold = { 'font-weight': '600' };
  write(title, gap, 17, bold);
  y += 17 + gap;
  figures.forEach((figure, i) => {
    write(figure.querySelector('h4')?.textContent ?? '', gap, 14, bold);
    y += 14 + gap / 2;
    let x = gap;
    for (const entry of figure.querySelectorAll('li')) {
      const name = entry.querySelector('[data-name]')?.textContent ?? '';
      const wide = 28 + widthOf(name) + gap;
      if (x > gap && x + wide > width) [x, y] = [gap, y + lineHeight];
      place(svg, entry.querySelector('svg'), x, y + 2);
      write(name, x + 28, 12, quiet);
      x += wide;
    }
    y += lineHeight + gap / 2;
    write(figure.querySelector('[data-unit]')?.textContent ?? '', gap, 11, quiet);
    y += 14;
    place(svg, plots[i] ?? null, gap, y);
    y += plots[i]?.clientHeight ?? 0;
    write(figure.querySelector('[data-x]')?.textContent ?? '', width - gap, 11, {
      ...quiet,
      'text-anchor': 'end',
    });
    y += 14 + gap;
  });
  for (const note of notes.flatMap((one) => wrapped(one, width - 2 * gap, widthOf))) {
    write(note, gap, 11, quiet);
    y += lineHeight - 4;
  }
  const height = y + gap;
  for (const box of [svg, ground]) {
    box.setAttribute('width', `${width}`);
    box.setAttribute('height', `${height}`);
  }
  return { svg, width, height };
}

function add(parent: Element, name: string, attributes: Record<string, string>): Element {
  const element = document.createElementNS(space, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return parent.appendChild(element);
}

/** A copy of `svg` that looks the same without the page's style sheets. */
function place(parent: Element, svg: SVGSVGElement | null, x: number, y: number): void {
  if (!svg) return;
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const copies = [copy, ...copy.querySelectorAll('*')];
  [svg, ...svg.querySelectorAll('*')].forEach((element, i) => {
    const style = getComputedStyle(element);
    for (const property of properties) copies[i]?.setAttribute(property, style.getPropertyValue(property));
  });
  copy.setAttribute('x', `${x}`);
  copy.setAttribute('y', `${y}`);
  parent.append(copy);
}

function wrapped(text: string, width: number, widthOf: (text: string) => number): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const longer = `${lines.at(-1)} ${word}`.trim();
    if (widthOf(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}
