// Forms that change something: sent by a script of our own page, because the server refuses all others.
"use strict";
async function send(url, options) {
  const answer = await fetch(url, { method: "POST", ...options, headers: { "X-Autocrine": "1", ...options.headers } });
  const told = await answer.json();
  if (!answer.ok) {
    const { where, message, was, hint } = told.error;
    throw new Error(`${where ? where + ": " : ""}${message}${was ? " but was " + was : ""}${hint ? "; try " + hint : ""}`);
  }
  return told;
}
function json(url, body) {
  return send(url, { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } });
}
function status(form) {
  return form.querySelector('[role="status"]');
}
for (const form of document.querySelectorAll("form[data-job]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const options = Object.fromEntries([...new FormData(form)].filter(([, value]) => value !== ""));
    for (const box of form.querySelectorAll('input[type="checkbox"]')) options[box.name] = box.checked;
    try {
      const { id } = await json("/api/jobs", { kind: form.dataset.job, options });
      location.assign(`/jobs/${id}`);
    } catch (error) {
      status(form).textContent = error.message;
    }
  });
}
for (const form of document.querySelectorAll("form[data-post]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      await json(form.dataset.post, {});
      location.reload();
    } catch (error) {
      status(form).textContent = error.message;
    }
  });
}
function element(name, text) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  return made;
}
function shown(told) {
  const part = document.createDocumentFragment();
  const words = Object.entries(told.report.summary).map(([name, value]) => `${name}: ${typeof value === "object" ? JSON.stringify(value) : value}`);
  part.append(element("p", words.join("; ")));
  const list = element("ul");
  for (const { level, where, text } of told.report.messages) list.append(element("li", `${level}${where ? " (" + where + ")" : ""}: ${text}`));
  part.append(list);
  if (told.rows.length) {
    const wide = element("div"), table = element("table"), names = Object.keys(told.rows[0]);
    wide.className = "wide";
    wide.tabIndex = 0;
    wide.setAttribute("role", "region");
    wide.setAttribute("aria-label", "First rows");
    table.append(element("caption", "First rows"));
    const head = element("tr");
    for (const name of names) head.append(Object.assign(element("th", name), { scope: "col" }));
    table.append(head);
    for (const row of told.rows) {
      const line = element("tr");
      for (const name of names) line.append(element("td", row[name]));
      table.append(line);
    }
    wide.append(table);
    part.append(wide);
  }
  return part;
}
for (const form of document.querySelectorAll("form[data-upload]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const result = form.parentElement.querySelector(".result");
    status(form).textContent = "Checking …";
    try {
      const told = await send(`/api/uploads/${form.dataset.upload}`, { body: new FormData(form) });
      status(form).textContent = "Checked.";
      result.replaceChildren(shown(told));
      for (const next of form.parentElement.querySelectorAll("form[data-job]")) {
        next.hidden = false;
        next.elements.upload.value = told.id;
        for (const field of form.elements)
          if (field.name && field.type !== "file" && next.elements[field.name]) next.elements[field.name].value = field.value;
      }
    } catch (error) {
      status(form).textContent = error.message;
      result.replaceChildren();
    }
  });
}
// How far jobs are: told in place, so that focus stays; the page is loaded again only when a job changes its state.
const bars = [...document.querySelectorAll("[data-job-progress]")];
async function follow() {
  const answer = await fetch("/api/jobs");
  if (!answer.ok) return;
  for (const job of await answer.json())
    for (const bar of bars)
      if (bar.dataset.jobProgress === job.id) {
        if (bar.dataset.state !== job.state) return location.reload();
        bar.value = job.progress;
        bar.nextSibling.textContent = ` ${Math.round(100 * job.progress)} %`;
      }
  again(1500);
}
function again(wait) {
  // a server that is started anew answers later
  setTimeout(() => follow().catch(() => again(5000)), wait);
}
if (bars.some((bar) => ["waiting", "running"].includes(bar.dataset.state))) again(1500);
