/** Scrolls the list of messages as a hand does, and tells how far what is read was moved by anything else. */

/** The message that is nearest to the middle of the list, once nothing moves: its id and place. */
const middle = () =>
  new Promise((done) => {
    const log = document.querySelector('[role=log]');
    const look = () => {
      const { top, height } = log.getBoundingClientRect();
      const away = (each) => Math.abs(each.getBoundingClientRect().top - top - height / 2);
      const [first] = [...log.querySelectorAll('[data-message]')].sort((a, b) => away(a) - away(b));
      return first && { id: first.dataset.message, top: first.getBoundingClientRect().top };
    };
    let same = 0;
    let last;
    const wait = () => {
      const now = look();
      same = now && last && now.id === last.id && now.top === last.top ? same + 1 : 0;
      last = now;
      if (same >= 3) done(now);
      else requestAnimationFrame(wait);
    };
    wait();
  });
/** Where a message stands once it has moved and stands still. */
const placeOf = ([id, before]) =>
  new Promise((done) => {
    let same = 0;
    let last;
    const wait = () => {
      const now = document.querySelector(`[data-message="${CSS.escape(id)}"]`)?.getBoundingClientRect().top;
      same = now !== before && now === last ? same + 1 : 0;
      last = now;
      if (same >= 3) done(now ?? null);
      else requestAnimationFrame(wait);
    };
    wait();
  });

/** Turns the wheel so often; gives how far what was read strayed from the notch, px, each. */
export const notches = async (page, count, by, meanwhile) => {
  const strayed = [];
  for (let i = 0; i < count; i++) {
    const read = await page.evaluate(middle);
    const meant = meanwhile(i);
    await page.mouse.wheel(0, by);
    const now = await page.evaluate(placeOf, [read.id, read.top]);
    await meant;
    strayed.push(now === null ? Number.POSITIVE_INFINITY : Math.abs(now - read.top + by));
  }
  return strayed;
};
