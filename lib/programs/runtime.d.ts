/** What the Node.js of the image `node` has beyond the types of the oldest one that runs a synthesis. */
declare module 'node:zlib' {
  export function zstdDecompressSync(
    packed: NodeJS.ArrayBufferView,
    options: { maxOutputLength: number; chunkSize: number; params: Readonly<Record<number, number>> },
  ): Buffer;

  namespace constants {
    const ZSTD_d_windowLogMax: number;
  }
}

/** Not documented, and faster than what is. */
interface Buffer<TArrayBuffer extends ArrayBufferLike = ArrayBufferLike> extends Uint8Array<TArrayBuffer> {
  latin1Slice(start?: number, end?: number): string;
  utf8Slice(start?: number, end?: number): string;
  latin1Write(text: string, offset?: number, length?: number): number;
}

/** The objects of the JavaScript of nginx: https://nginx.org/en/docs/njs/reference.html */
interface NginxRequest {
  readonly method: string;
  readonly variables: { readonly request_uri: string };
  readonly headersIn: Readonly<Record<string, string | undefined>>;
  readonly headersOut: Record<string, string>;
  readonly requestBuffer?: Buffer;
  return(status: number, body?: string): void;
}

declare const ngx: {
  readonly shared: {
    readonly jobs: {
      get(key: string): string | undefined;
      set(key: string, value: string): void;
      delete(key: string): boolean;
      keys(): string[];
    };
    readonly waiting: { incr(key: string, delta: number, initial: number): number };
  };
  fetch(
    url: string,
    request: { method: string; body: Uint8Array; headers: Readonly<Record<string, string>> },
  ): Promise<{ readonly status: number }>;
};
