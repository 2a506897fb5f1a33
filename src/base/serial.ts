/** Work that happens one after the other: what is not patient first, and of the patient one after each eight others. */
const AHEAD = 8;

type Work = () => Promise<void>;

export class Serial {
  readonly #soon: Work[] = [];
  readonly #patient: Work[] = [];
  #ahead = 0;
  #isAtWork = false;

  /** Settles as `work` does, which never begins before this returns. */
  run<T>(work: () => Promise<T>, isPatient = false): Promise<T> {
    return new Promise((resolve, reject) => {
      const waiting = isPatient ? this.#patient : this.#soon;
      waiting.push(async () => {
        try {
          resolve(await work());
        } catch (fault) {
          reject(fault);
        }
      });
      if (this.#isAtWork) return;
      this.#isAtWork = true;
      void Promise.resolve().then(() => this.#workOff());
    });
  }

  async #workOff(): Promise<void> {
    for (let work = this.#next(); work; work = this.#next()) await work();
    this.#isAtWork = false;
  }
  #next(): Work | undefined {
    const isDue = this.#soon.length === 0 || (this.#patient.length > 0 && this.#ahead >= AHEAD);
    this.#ahead = isDue ? 0 : this.#ahead + 1;
    return isDue ? this.#patient.shift() : this.#soon.shift();
  }
}
