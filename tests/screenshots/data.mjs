/** What profiles are filled with before they are looked at: nothing, three days of a team, far too much. Gives what the views open. */
import { withModule } from '../bench/project.mjs';
import { quiet } from './quiet.mjs';
import { writeAtEnd } from './views.mjs';

/** Into a space that others made: its bundle, then its link. */
const enter = (page, { bundle, url }) =>
  page.evaluate(
    async ([text, link]) => {
      // A refusal is an object; what it says is wanted here.
      const told = (refusal) => Promise.reject(new Error(JSON.stringify(refusal)));
      const bytes = Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (sign) => sign.charCodeAt(0));
      await lgos.importBundle(bytes).catch(told);
      await lgos.join(link, { timeoutMs: 60_000 }).catch(told);
    },
    [bundle, url],
  );

/** What a page of text looks like with all that is in it, as it comes from the clipboard. */
const PASTED = `<h2>Method</h2><p>Fill the bath to the <b>upper mark</b>, then let it rest. Log with <code>--rate 1</code>.</p>
<ul><li>Five points: 0, 4, 10, 15 and 20 °C</li><li>Forty minutes at each of them</li></ul>
<h2>Five-point curve</h2><table><tr><th>Sensor</th><th>0 °C</th><th>4 °C</th><th>10 °C</th></tr>
<tr><td>3A</td><td>0.38 %</td><td>0.31 %</td><td>0.12 %</td></tr><tr><td>3B</td><td>0.30 %</td><td>2.10 %</td><td>0.14 %</td></tr></table>
<h2>До соляной ванны</h2><p>Заказать восемь термисторов и взвесить ванну до и после.</p>
<blockquote><p>Whoever signs the certificate has seen the curve.</p></blockquote>`;
const write = async (page, { space, document: id }) => {
  await page.goto(`${new URL(page.url()).origin}/#/s/${space}/d/${id}`);
  const body = page.locator('.editor-body');
  await quiet(page);
  await writeAtEnd(page);
  await body.evaluate((element, html) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/html', html);
    element.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  }, PASTED);
};

/** Of a bench run, as people drop pictures into a channel. */
const drawn = () => {
  const canvas = Object.assign(document.createElement('canvas'), { width: 360, height: 132 });
  const pen = canvas.getContext('2d');
  pen.fillStyle = '#fff';
  pen.fillRect(0, 0, 360, 132);
  for (const [colour, bend] of [
    ['#9aa4ad', 90],
    ['#0b6b4a', 34],
  ]) {
    pen.strokeStyle = colour;
    pen.lineWidth = 3;
    pen.beginPath();
    for (let x = 16; x <= 344; x++) pen.lineTo(x, 116 - 96 * Math.exp((16 - x) / bend));
    pen.stroke();
  }
  return canvas.toDataURL('image/png').split(',')[1];
};
const TABLE = {
  name: 'bench-2026-11-18.csv',
  mimeType: 'text/csv',
  buffer: Buffer.from('t,3A,3B\n0,0.38,0.30\n4,0.31,2.10\n'.repeat(40_000)),
};
/** One's own message, with files and an object that stands alone in a line. */
const say = async (page, { space, channel, document }) => {
  await page.goto(`${new URL(page.url()).origin}/#/s/${space}/c/${channel}`);
  await quiet(page);
  const buffer = Buffer.from(await page.evaluate(drawn), 'base64');
  await page.getByTestId('file-picker').setInputFiles([{ name: 'curve.png', mimeType: 'image/png', buffer }, TABLE]);
  await page
    .getByTestId('composer')
    .fill(`§ 2 reads well. Table and picture of the bath:\n\n[Calibration protocol v2](lgos:node/${document})`);
  await page.locator('.send:enabled').waitFor();
  await page.locator('.send').click();
};
const remove = (page, { space }) =>
  page.evaluate(async (spaceId) => {
    const { id: documentId } = await lgos.run('editor.createDocument', { spaceId, title: 'Old checklist' });
    await lgos.run('editor.remove', { documentId });
    const { id: channelId } = await lgos.run('chat.createChannel', { spaceId, title: 'spring' });
    await lgos.run('chat.removeChannel', { channelId });
  }, space);

/** The beacon holds it all. */
const safe = (page, { space }) =>
  page.waitForFunction(async (spaceId) => (await lgos.query('os.sync', { spaceId })).safe, space, { timeout: 120_000 });

let made;
const crowded = () => {
  made ??= withModule('../support/crowd.ts', async (path) => (await import(path)).crowd());
  return made;
};

/** Fills a new profile. */
export const SEEDS = {
  empty: (page) =>
    page.evaluate(async () => {
      const { id: space } = await lgos.createSpace({ title: 'Empty', kind: 'team' });
      const { id: channel } = await lgos.run('chat.createChannel', { spaceId: space, title: 'general' });
      const { id: document } = await lgos.run('editor.createDocument', { spaceId: space, title: '' });
      return { space, channel, document, word: 'nothing' };
    }),
  ordinary: async (page) => {
    const name = page.isRussian ? 'Ада Морозова' : 'Ada Morris';
    await page.evaluate((own) => lgos.setName(own), name);
    const { userId } = await page.evaluate(() => lgos.me());
    const ids = await withModule('../support/team.ts', async (path) => (await import(path)).team({ userId, name }));
    await enter(page, ids);
    await write(page, ids);
    await say(page, ids);
    await remove(page, ids);
    await safe(page, ids);
    return { ...ids, word: page.isRussian ? 'термистор' : 'thermistor' };
  },
  overfull: async (page) => {
    const ids = await crowded();
    await enter(page, ids);
    return { ...ids, word: 'лодка' };
  },
};
