/** What undo and redo go through: states written as text, the present one among them. */
export class History {
  #past: string[] = [];
  #future: string[] = [];
  #present: string;
  readonly #longest: number;

  constructor(present: string, longest = 200) {
    this.#present = present;
    this.#longest = longest;
  }

  get present(): string {
    return this.#present;
  }

  get canUndo(): boolean {
    return this.#past.length > 0;
  }

  get canRedo(): boolean {
    return this.#future.length > 0;
  }

  /** Go on to a state; with `merge` it takes the place of the present one (a key held down on one slider). */
  push(next: string, merge = false): void {
    if (next === this.#present) return;
    if (!merge) {
      this.#past.push(this.#present);
      if (this.#past.length > this.#longest) this.#past.shift();
    }
    this.#present = next;
    this.#future = [];
  }

  undo(): string | null {
    const before = this.#past.pop();
    if (before === undefined) return null;
    this.#future.push(this.#present);
    this.#present = before;
    return before;
  }

  redo(): string | null {
    const after = this.#future.pop();
    if (after === undefined) return null;
    this.#past.push(this.#present);
    this.#present = after;
    return after;
  }

  /** Follow the browser's own back and forward: a neighbour is gone to, anything else is a new state. */
  follow(next: string): void {
    if (next === this.#past.at(-1)) this.undo();
    else if (next === this.#future.at(-1)) this.redo();
    else this.push(next);
  }
}
