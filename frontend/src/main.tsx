import { render } from "preact";

import { App } from "./app.tsx";
import { start } from "./store.ts";
import "./style.css";

const place = document.getElementById("app");
if (place) {
  place.replaceChildren();
  render(<App />, place);
  void start();
}
