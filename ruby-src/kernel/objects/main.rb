# The object that top-level code has as self. Every session runs with a copy of this one.

class << Maglev::MAIN
  def to_s
    "main"
  end

  def inspect
    "main"
  end

  def include(*modules)
    Object.include(*modules)
  end

  def define_method(name, body = nil, &block)
    Object.define_method(name, body || block)
  end

  def public(*names)
    return Object.__set_default_visibility(0) if names.__size == 0
    Object.__change_visibility(names, 0)
  end

  def private(*names)
    return Object.__set_default_visibility(1) if names.__size == 0
    Object.__change_visibility(names, 1)
  end

  def using(refiner)
    pairs = Maglev::Refining.pairs(refiner)
    i = 0
    while i < pairs.__size
      Maglev::Refining.__use(pairs.__at(i).__at(0), pairs.__at(i).__at(1))
      i += 1
    end
    self
  end

  # What TOPLEVEL_BINDING is.
  def __binding
    binding
  end

  private :include, :define_method, :public, :private, :using, :__binding
end
