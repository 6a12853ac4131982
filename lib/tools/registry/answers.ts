/** How requests to registries are made. */
export interface RequestOptions {
  /** Milliseconds in which an answer has to be complete. */
  readonly timeout: number;
  /** Registries that are asked without TLS, as their hosts are written in references. */
  readonly plainHttp: readonly string[];
}

/** A complete answer. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
}

/** Registries take no manifest that is larger. */
const LONGEST = 4 * 2 ** 20;

/** @throws Error in words when the server is not there, is too slow, or sends too much. */
export async function answerOf(url: URL, init: RequestInit, { timeout }: RequestOptions): Promise<Answer> {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(timeout) });
    return { status: response.status, headers: response.headers, body: await bodyOf(response, url) };
  } catch (error) {
    throw new Error(reasonOf(error, url, timeout), { cause: error });
  }
}

async function bodyOf(response: Response, url: URL): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    parts.push(part);
    length += part.length;
    if (length > LONGEST) throw new Error(`${url.host} sent more than ${LONGEST} bytes`);
  }
  return Buffer.concat(parts);
}

function reasonOf(error: unknown, url: URL, timeout: number): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `${url.host} did not answer within ${timeout / 1_000} s`;
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  // Where a name has several addresses, the reason of each is in a list.
  const [first = cause] = cause instanceof AggregateError ? cause.errors : [cause];
  return `${url.host} cannot be reached: ${first.message}`;
}
