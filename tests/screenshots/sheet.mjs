/** Many pictures as few, to be looked at together: as many on one as can still be read. */
import { rmSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';

const STYLE = `body { margin: 8px; display: grid; gap: 8px; align-items: start; font: 12px sans-serif; background: #777; color: #fff }
figure { margin: 0 } img { width: 100%; max-height: 620px; object-fit: cover; object-position: top; display: block }`;

/** `pictures`: paths, in the folder of `path`, which is that of all sheets without their numbers. */
export const sheets = async (browser, pictures, wide, path) => {
  const [across, most] = wide < 768 ? [6, 12] : [3, 9];
  const page = await browser.newPage({ viewport: { width: 1568, height: 600 } });
  const listed = `${path}.html`;
  for (let from = 0; from < pictures.length; from += most) {
    const figures = pictures
      .slice(from, from + most)
      .map((each) => `<figure>${basename(each).split('-')[1]}<img src="${basename(each)}"></figure>`);
    const style = `${STYLE} body { grid-template-columns: repeat(${across}, minmax(0, 1fr)) }`;
    writeFileSync(listed, `<meta charset="utf-8"><style>${style}</style>${figures.join('')}`);
    await page.goto(pathToFileURL(listed).href);
    await page.screenshot({ path: `${path}-${from / most + 1}.png`, fullPage: true });
  }
  rmSync(listed);
  await page.close();
};
