/** One question in flight; of those asked meanwhile only the last is asked next. */
export class Latest<Question, Answer> {
  #running = false;
  #waiting: { question: Question } | null = null;
  readonly #ask: (question: Question) => Promise<Answer>;
  readonly #answered: (answer: Answer, question: Question) => void;
  readonly #failed: (error: unknown, question: Question) => void;

  constructor(
    ask: (question: Question) => Promise<Answer>,
    answered: (answer: Answer, question: Question) => void,
    failed: (error: unknown, question: Question) => void,
  ) {
    this.#ask = ask;
    this.#answered = answered;
    this.#failed = failed;
  }

  get busy(): boolean {
    return this.#running;
  }

  push(question: Question): void {
    this.#waiting = { question };
    if (!this.#running) void this.#drain();
  }

  async #drain(): Promise<void> {
    this.#running = true;
    while (this.#waiting) {
      const { question } = this.#waiting;
      this.#waiting = null;
      try {
        this.#answered(await this.#ask(question), question);
      } catch (error) {
        this.#failed(error, question);
      }
    }
    this.#running = false;
  }
}
