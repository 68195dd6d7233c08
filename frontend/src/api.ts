/** Questions to the server of this page; there is no other host. */

import { decodeFrame, type Frame } from "./frame.ts";

/** What the server says is wrong, in the words of its own errors. */
export class Refused extends Error {
  readonly status: number;
  readonly hint: string;

  constructor(status: number, message: string, hint = "") {
    super(message);
    this.name = "Refused";
    this.status = status;
    this.hint = hint;
  }
}

/** The server does not answer at all: it was stopped, or this computer sleeps. */
export class Away extends Error {
  constructor() {
    super("The server does not answer.");
    this.name = "Away";
  }
}

interface Said {
  error?: { message?: unknown; was?: unknown; where?: unknown; hint?: unknown };
}

const text = (value: unknown): string => (typeof value === "string" || typeof value === "number" ? String(value) : "");

async function refusal(response: Response): Promise<Refused> {
  let said: Said = {};
  try {
    said = (await response.json()) as Said;
  } catch {
    // an answer that is no JSON (a proxy, a crash) still has its status
  }
  const error = said.error ?? {};
  const fallback =
    response.status === 401
      ? "This page is no longer signed in."
      : response.status === 429
        ? "Too many questions in a short time."
        : `The server answered ${response.status}.`;
  const was = text(error.was);
  const where = text(error.where);
  const message = `${text(error.message) || fallback}${was ? ` (was ${was})` : ""}${where ? `, in ${where}` : ""}`;
  const hint = response.status === 401 ? "Open the address that autocrine serve printed." : text(error.hint);
  return new Refused(response.status, message, hint);
}

async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(`/api/${path}`, {
      credentials: "same-origin",
      redirect: "error",
      ...init,
      headers: { "X-Autocrine": "1", ...init.headers },
    });
  } catch {
    throw new Away();
  }
  if (!response.ok) throw await refusal(response);
  return response;
}

function json(body: unknown): RequestInit {
  return { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
}

export async function get<T>(path: string): Promise<T> {
  return (await (await ask(path)).json()) as T;
}

export async function post<T>(path: string, body: unknown): Promise<T> {
  return (await (await ask(path, json(body))).json()) as T;
}

/** Send a form with a file in it. */
export async function postForm<T>(path: string, body: FormData): Promise<T> {
  return (await (await ask(path, { method: "POST", body })).json()) as T;
}

export async function getFrame(path: string): Promise<Frame> {
  return decodeFrame(await (await ask(path)).arrayBuffer());
}

export async function postFrame(path: string, body: unknown): Promise<Frame> {
  return decodeFrame(await (await ask(path, json(body))).arrayBuffer());
}

/** Ask for a file; its name comes from the server where it gives one. */
export async function postDownload(path: string, body: unknown, name: string): Promise<{ blob: Blob; name: string }> {
  const response = await ask(path, json(body));
  const named = /filename="?([\w.-]+)"?/.exec(response.headers.get("Content-Disposition") ?? "");
  return { blob: await response.blob(), name: named?.[1] ?? name };
}
