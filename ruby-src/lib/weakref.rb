# WeakRef is part of the kernel: requiring it is enough.
