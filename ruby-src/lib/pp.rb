# pp is part of the kernel.
