/**
 * Programs that manifests ship are real files beside their construct; the bundler imports them as text. Tests import
 * JavaScript modules as code, by their names without `?bundle`.
 */
declare module '*.sh' {
  const text: string;
  export default text;
}
declare module '*.awk' {
  const text: string;
  export default text;
}
declare module '*.lua' {
  const text: string;
  export default text;
}
declare module '*.mjs?bundle' {
  const text: string;
  export default text;
}
declare module '*.tmpl' {
  const text: string;
  export default text;
}
