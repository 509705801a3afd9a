# objspace: sizes of objects in memory. ObjectSpace.memsize_of and its kin are always there (kernel/system/object_space.rb).
