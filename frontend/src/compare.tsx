/** Two settings side by side: A is kept, B is what is on the screen. */

import type { JSX } from "preact";

import { format } from "./scale.ts";
import { commit, part, study, swap } from "./store.ts";
import { labelOf, type Slider } from "./study.ts";

export function Compare(): JSX.Element | null {
  const compare = part.compare.value; const values = part.values.value; const drug = part.drug.value;
  const opened = study.value;
  if (!compare || !opened) return null;
  const at = (slider: Slider, from: Readonly<Record<string, number>>) => from[slider.key] ?? slider.default;
  const differing = opened.sliders.filter((one) => at(one, compare.values) !== at(one, values));
  return (
    <section class="compare" aria-labelledby="compare-title">
      <h2 id="compare-title">A (dashed) and B (solid)</h2>
      {differing.length === 0 && compare.drug === drug ? (
        <p class="soft">A and B are the same so far: move a slider, and B goes its own way.</p>
      ) : (
        <div class="scroll" role="region" aria-label="What differs between A and B" tabIndex={0}>
          <table>
            <caption class="unseen">What differs</caption>
            <thead><tr><th scope="col">Value</th><th scope="col">A</th><th scope="col">B</th><th scope="col">Unit</th></tr></thead>
            <tbody>
              {compare.drug !== drug && <tr><th scope="row">Drug</th><td>{labelOf(opened.drugs, compare.drug)}</td><td>{labelOf(opened.drugs, drug)}</td><td>–</td></tr>}
              {differing.map((one) => (
                <tr key={one.key}><th scope="row">{one.label}</th><td>{format(at(one, compare.values))}</td><td>{format(at(one, values))}</td><td>{one.unit === "1" ? "–" : one.unit}</td></tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <p>
        <button type="button" onClick={swap}>Swap A and B</button>{" "}
        <button type="button" onClick={() => { commit({ compare: null }); }}>End the comparison</button>
      </p>
    </section>
  );
}
