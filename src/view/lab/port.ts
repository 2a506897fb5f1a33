/** How a view comes to a worker for its network lab: whoever composes the page gives it. */
import { createContext } from 'react';

export const LabContext = createContext<(() => Worker) | null>(null);
