# Class: making classes and instances.

class Class
  def new(*args, **options, &block)
    Primitive.ruby_new
    raise TypeError, "can't create instance of singleton class" if singleton_class?
    raise NoMethodError.new("undefined method 'new' for class #{inspect}", :new, receiver: self)
  end

  # A metaclass is of a class that only Smalltalk shows.
  def class
    Class
  end

  def allocate
    Primitive.ruby_allocate
    raise TypeError, "can't create instance of singleton class" if singleton_class?
    raise TypeError, "allocator undefined for #{inspect}"
  end

  # An instance of classes that programs may not allocate themselves.
  def __allocate
    Primitive.basic_new
    raise TypeError, "allocator undefined for #{inspect}"
  end

  def superclass
    Primitive.superclass
    nil
  end

  def subclasses
    Primitive.subclasses
    found = []
    ObjectSpace.each_object(Class) { |c| found << c if !c.singleton_class? && equal?(c.superclass) }
    found
  end

  def attached_object
    raise TypeError, "'#{inspect}' is not a singleton class" unless singleton_class?
    __attached
  end

  def inherited(subclass)
    subclass.__set_persistable(8, false) if $__transient_instances
  end

  def initialize(superclass = Object, &block)
    class_exec(self, &block) if block
  end

  private :inherited

  def self.new(superclass = Object, &block)
    unless Class === superclass
      raise TypeError, "superclass must be an instance of Class (given an instance of #{superclass.__class})"
    end
    raise TypeError, "can't make subclass of singleton class" if superclass.singleton_class?
    raise TypeError, "can't make subclass of Class" if superclass.equal?(Class)
    made = __class_new(superclass)
    superclass.__send__(:inherited, made)
    made.class_exec(made, &block) if block
    made
  end

  def self.__class_new(superclass)
    Primitive.class_new
    raise TypeError, "can't make a subclass of #{superclass.inspect}"
  end
end
