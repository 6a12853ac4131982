/** The intersection `A & B` of the members of a union type `A | B`. */
export type Intersection<U> = (U extends unknown ? (member: U) => void : never) extends (all: infer I) => void
  ? I
  : never;
