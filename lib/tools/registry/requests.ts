/** Options for requests to registries. */
export interface RequestOptions {
  /** Timeout for a complete response, in milliseconds. */
  readonly timeout: number;
  /** Registries that are accessed without TLS, by their host in references. */
  readonly plainHttp: readonly string[];
}

/** A complete response. */
export interface RegistryResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
}

/** Maximum size of a manifest in registries. */
const MAX_BODY_BYTES = 4 * 2 ** 20;

/**
 * Sends a request.
 * @throws Error with a readable message when the server is unreachable, too slow, or sends too much.
 */
export async function sendRequest(
  url: URL,
  init: RequestInit,
  { timeout }: RequestOptions,
): Promise<RegistryResponse> {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(timeout) });
    return { status: response.status, headers: response.headers, body: await readBody(response, url) };
  } catch (error) {
    throw new Error(failureReason(error, url, timeout), { cause: error });
  }
}

async function readBody(response: Response, url: URL): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    parts.push(part);
    length += part.length;
    if (length > MAX_BODY_BYTES) throw new Error(`${url.host} sent more than ${MAX_BODY_BYTES} bytes`);
  }
  return Buffer.concat(parts);
}

function failureReason(error: unknown, url: URL, timeout: number): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `${url.host} did not answer within ${timeout / 1_000} s`;
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  // For a name with several addresses, each has an error of its own in a list.
  const [first = cause] = cause instanceof AggregateError ? cause.errors : [cause];
  return `${url.host} cannot be reached: ${first.message}`;
}
