/** Until a page shows what it has: nothing is on its way any more, and what slides in has arrived. */
export const quiet = async (page) => {
  await page
    .waitForFunction(() => !document.querySelector('.skel, .indexing, .arriving, .chip.sync.waiting'), undefined, {
      timeout: 10_000,
    })
    .catch(() => {});
  await page.evaluate(() => document.fonts.ready);
  await page.waitForTimeout(400);
};
