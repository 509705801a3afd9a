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

  def using(refinements)
    self
  end

  private :include, :define_method, :public, :private, :using
end
