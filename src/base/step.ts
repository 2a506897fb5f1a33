/** A protocol machine: a pure function from a state and an input to the next state and what is to be done. */
export type Step<State, Input, Output> = (state: State, input: Input) => readonly [State, readonly Output[]];
