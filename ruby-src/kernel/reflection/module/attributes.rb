# Module: attr_reader and its kin.

class Module
  def __attr_reader(name, ivar)
    Primitive.attr_reader
    __check_frozen
    class_eval("def #{name}; #{ivar}; end")
  end

  def __attr_writer(name, ivar)
    Primitive.attr_writer
    __check_frozen
    class_eval("def #{name}(value); #{ivar} = value; end")
  end

  def __attr_name(name)
    text = __name_string(name)
    unless text.match?(/\A[[:alpha:]_][[:alnum:]_]*\z/)
      raise NameError.new("invalid attribute name '#{text}'", text.to_sym, receiver: self)
    end
    text
  end

  # The primitives ask for the visibility that the caller's class body has set: so the three methods below hold their own loops.

  def attr_reader(*names)
    made = []
    i = 0
    while i < names.__size
      text = __attr_name(names.__at(i))
      __attr_reader(text.to_sym, ("@" + text).to_sym)
      __note_added(text.to_sym)
      made << text.to_sym
      i += 1
    end
    made
  end

  def attr_writer(*names)
    made = []
    i = 0
    while i < names.__size
      text = __attr_name(names.__at(i))
      made << (text + "=").to_sym
      __attr_writer((text + "=").to_sym, ("@" + text).to_sym)
      __note_added((text + "=").to_sym)
      i += 1
    end
    made
  end

  def attr_accessor(*names)
    made = []
    i = 0
    while i < names.__size
      text = __attr_name(names.__at(i))
      ivar = ("@" + text).to_sym
      writer = (text + "=").to_sym
      __attr_reader(text.to_sym, ivar)
      __attr_writer(writer, ivar)
      __note_added(text.to_sym)
      __note_added(writer)
      made << text.to_sym << writer
      i += 1
    end
    made
  end

  def attr(*names)
    if names.size == 2 && (names[1] == true || names[1] == false)
      warn("warning: optional boolean argument is obsoleted", uplevel: 0) if $VERBOSE
      return names[1] ? attr_accessor(names[0]) : attr_reader(names[0])
    end
    attr_reader(*names)
  end
end
