/** Options for requests to registries. */
export interface RequestOptions {
  /** Maximum time until a response is complete, in milliseconds. */
  readonly timeout: number;
  /** Hosts of registries that are accessed without TLS, written as in image references, such as `registry.local:5000`. */
  readonly plainHttp: readonly string[];
}

/** A complete response of a registry. */
export interface RegistryResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
}

/** Maximum size of a response in bytes: the limit for manifests in the OCI distribution specification. */
const MAX_BODY_BYTES = 4 * 2 ** 20;

/**
 * Sends a request to a registry or to its token server, and reads the complete response.
 * @throws Error when the server is unreachable, does not respond within the timeout, or sends more than 4 MiB.
 */
export async function sendRequest(
  url: URL,
  init: RequestInit,
  { timeout }: RequestOptions,
): Promise<RegistryResponse> {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(timeout) });
    return {
      status: response.status,
      headers: response.headers,
      body: await readResponseBody(response, url),
    };
  } catch (error) {
    throw new Error(describeRequestFailure(error, url, timeout), { cause: error });
  }
}

async function readResponseBody(response: Response, url: URL): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    parts.push(part);
    length += part.length;
    if (length > MAX_BODY_BYTES) throw new Error(`${url.host} sent more than ${MAX_BODY_BYTES} bytes`);
  }
  return Buffer.concat(parts);
}

function describeRequestFailure(error: unknown, url: URL, timeout: number): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError')
    return `${url.host} did not respond within ${timeout / 1_000} s: try again, or set a longer --timeout`;
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  // If a host has several addresses, the error contains a list with an error for each address.
  const [first = cause] = cause instanceof AggregateError ? cause.errors : [cause];
  return `${url.host} cannot be reached: ${first.message}`;
}
