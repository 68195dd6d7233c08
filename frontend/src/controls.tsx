/** The left column: what is run, and the sliders that change it. */

import { useComputed } from "@preact/signals";
import type { JSX } from "preact";
import { useState } from "preact/hooks";

import { Away, get, post, Refused } from "./api.ts";
import { BasisBadge, NumberButton } from "./numbers.tsx";
import { format, position, valueAt } from "./scale.ts";
import { catalogue, chooseDrug, chooseStudy, commit, isMoved, part, preview, state, study, withValue } from "./store.ts";
import type { Slider, StudyEntry } from "./study.ts";

/** A slider has this many steps, unless it counts in steps of its own. */
const STEPS = 400;

function toStep(slider: Slider, value: number): number {
  return Math.round(position({ ...slider, kind: slider.scale }, value) * STEPS);
}

/** Return the value at a step, short enough for an address; the default is met exactly. */
export function fromStep(slider: Slider, step: number): number {
  if (step === toStep(slider, slider.default)) return slider.default;
  const value = valueAt({ ...slider, kind: slider.scale }, step / STEPS);
  const stepped = slider.step ? Math.round(value / slider.step) * slider.step : value;
  return Math.min(slider.maximum, Math.max(slider.minimum, Number(stepped.toPrecision(4))));
}

const unitOf = (slider: Slider) => (slider.unit === "1" || slider.unit === "" ? "" : ` ${slider.unit}`);

function SliderRow({ slider }: { slider: Slider }): JSX.Element {
  const own = useComputed(() => state.value.values[slider.key]).value;
  const value = own ?? slider.default;
  const changed = own !== undefined;
  const id = `slider-${slider.key.replace(/\W/g, "-")}`;
  const at = Math.min(1, Math.max(0, position({ ...slider, kind: slider.scale }, slider.default)));
  return (
    <div class={`slider${changed ? " changed" : ""}`}>
      <div class="slider-head">
        <label for={id}>{slider.label}</label>
        <NumberButton label={slider.label} shown={`${format(value, 3)}${unitOf(slider)}`} number={slider.parameter ?? slider.key} slider={slider} />
      </div>
      <div class="track">
        <span class="default-mark" style={{ left: `calc(8px + (100% - 16px) * ${at})` }} title={`Default ${format(slider.default)}${unitOf(slider)}`} />
        <input
          id={id}
          type="range"
          min={0}
          max={STEPS}
          step={1}
          value={toStep(slider, value)}
          aria-valuetext={`${format(value)}${unitOf(slider)}${changed ? "" : ", default"}`}
          onInput={(event) => { preview(withValue(slider.key, fromStep(slider, Number(event.currentTarget.value)))); }}
          onChange={(event) => { commit(withValue(slider.key, fromStep(slider, Number(event.currentTarget.value))), slider.key); }}
          onDblClick={() => { commit(withValue(slider.key, slider.default)); }}
        />
      </div>
      <div class="slider-foot">
        <span class="soft">{format(slider.minimum)}</span>
        <BasisBadge basis={slider.basis} />
        <span class="soft">{format(slider.maximum)}</span>
      </div>
    </div>
  );
}

function Sliders(): JSX.Element {
  const groups = new Map<string, Slider[]>();
  for (const slider of study.value?.sliders ?? []) {
    const group = slider.group ?? "Values";
    groups.set(group, [...(groups.get(group) ?? []), slider]);
  }
  return (
    <section class="panel" aria-labelledby="sliders-title">
      <div class="panel-head">
        <h2 id="sliders-title">Values</h2>
        <button type="button" disabled={!isMoved.value} onClick={() => { commit({ values: {} }); }}>All to default</button>
      </div>
      {[...groups].map(([group, sliders]) => (
        <fieldset key={group}>
          <legend>{group}</legend>
          {sliders.map((slider) => <SliderRow key={slider.key} slider={slider} />)}
        </fieldset>
      ))}
    </section>
  );
}

async function openOwn(toml: string): Promise<void> {
  const { key } = await post<{ key: string }>("studies", { toml });
  catalogue.value = await get<StudyEntry[]>("studies");
  await chooseStudy(key);
}

function OwnStudy(): JSX.Element {
  const [wrong, setWrong] = useState("");
  const send = (toml: string) => {
    setWrong("");
    openOwn(toml).catch((error: unknown) => {
      if (!(error instanceof Away || error instanceof Refused)) throw error;
      setWrong(`${error.message} ${error instanceof Refused ? error.hint : ""}`);
    });
  };
  return (
    <details class="own">
      <summary>Open a study of your own</summary>
      <form onSubmit={(event) => { event.preventDefault(); send(String(new FormData(event.currentTarget).get("toml") ?? "")); }}>
        <label>
          File (TOML)
          <input type="file" accept=".toml,text/plain" onChange={(event) => {
            const file = event.currentTarget.files?.[0];
            if (file) void file.text().then(send);
          }} />
        </label>
        <label>
          or its text
          <textarea name="toml" rows={6} spellcheck={false} autocomplete="off" />
        </label>
        <button type="submit">Open</button>
        <p class="wrong" role="alert">{wrong}</p>
      </form>
    </details>
  );
}

export function Controls(): JSX.Element {
  const opened = study.value;
  return (
    <>
      <section class="panel" aria-labelledby="experiment-title">
        <h2 id="experiment-title">Experiment</h2>
        <label class="choice">
          Study
          <select value={part.study.value} onChange={(event) => void chooseStudy(event.currentTarget.value)}>
            {catalogue.value.map((one) => <option key={one.key} value={one.key} selected={one.key === part.study.value}>{one.title}</option>)}
          </select>
        </label>
        {opened?.question && <p class="soft">{opened.question}</p>}
        <label class="choice">
          Drug
          <select value={part.drug.value} onChange={(event) => { chooseDrug(event.currentTarget.value); }}>
            {(opened?.drugs ?? []).map((one) => <option key={one.key} value={one.key} selected={one.key === part.drug.value}>{one.label}</option>)}
          </select>
        </label>
        <OwnStudy />
      </section>
      <Sliders />
    </>
  );
}
