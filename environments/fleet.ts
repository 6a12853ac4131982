// An example: remove it from main.ts, and delete this file, when you have your own environments.
export { fleet } from '../examples/environments/fleet';
