// An example: take it out of main.ts, and delete this file, when you have environments of your own.
export { reference } from '../examples/environments/reference';
